//! `Get-User` and `Set-UserPassword`: users as accounts.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::command::{Command, Password};
use domain::{Recipient, RecipientKind};

use super::call::{Answer, Call};
use super::object::{self, insert, primary};

const KINDS: [RecipientKind; 2] = [RecipientKind::User, RecipientKind::SharedMailbox];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-User" => {
            let directory = call.app.directory();
            Ok(call.show_listed(call.listed(&directory, &KINDS)?, show))
        }
        _ => set_password(call).await,
    }
}

fn show(user: &Recipient) -> Object {
    let mut object = object::identity(user);
    let account = user.account.as_ref();
    let login = user.primary().to_string();
    insert(&mut object, "ExternalDirectoryObjectId", user.guid.as_str());
    insert(&mut object, "UserPrincipalName", login.as_str());
    insert(&mut object, "WindowsEmailAddress", login);
    insert(&mut object, "AccountDisabled", account.is_none_or(|account| account.is_disabled));
    insert(&mut object, "Role", account.map(|account| object::role(account.role)));
    insert(&mut object, "Notes", user.settings.notes.as_str());
    insert(&mut object, "WhenCreatedUTC", timestamp(user.created_at));
    object
}

async fn set_password(call: &Call<'_>) -> Result<Answer, Failure> {
    let password = call.parameters.secret("Password")?.unwrap_or_default();
    let user = {
        let directory = call.app.directory();
        let id = call.user(&directory)?;
        primary(&directory, id)
    };
    call.order_silently(Command::SetPassword { user, password: Password(password) }).await
}
