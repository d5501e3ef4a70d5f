//! `*-MailboxFolderPermission`: there are no rights on single folders. Get- shows who may open the
//! mailbox that a folder is in; the others say what does it for the whole mailbox.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use domain::{Directory, Recipient, RecipientId, RecipientKind, Right};
use serde_json::json;

use super::call::{Answer, Call, object};
use super::object::primary;

const KINDS: [RecipientKind; 3] =
    [RecipientKind::User, RecipientKind::SharedMailbox, RecipientKind::Group];
/// Exchange's name of the mailbox as a folder.
const TOP: &str = "Top of Information Store";
/// Everybody who is not listed, and everybody from outside.
const NOBODY: [&str; 2] = ["Default", "Anonymous"];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let (mailbox, folder) = place(call)?;
    if call.cmdlet.name != "Get-MailboxFolderPermission" {
        return Err(refused(call, &mailbox));
    }
    let id = {
        let directory = call.app.directory();
        call.find(&directory, &mailbox, &KINDS)?.id
    };
    if let Some(folder) = &folder {
        let is_there = call.app.has_folder(id, folder).await;
        if !is_there.map_err(|failure| call.store_failed(&failure))? {
            return Err(call.not_found(&format!("{mailbox}:\\{folder}")));
        }
    }
    let directory = call.app.directory();
    let owner = directory.recipient(id).ok_or_else(|| call.not_found(&mailbox))?;
    let folder_name = folder.as_deref().unwrap_or(TOP);
    let wanted = wanted_user(call, &directory)?;
    let mut objects: Vec<Object> = Vec::new();
    if wanted.is_none() {
        objects.extend(NOBODY.map(|user| entry(owner, folder_name, user, "None")));
    }
    let users = openers(call, &directory, owner).into_iter();
    let users = users.filter(|id| wanted.is_none_or(|wanted| wanted == *id));
    objects.extend(users.map(|id| entry(owner, folder_name, &primary(&directory, id), "Owner")));
    Ok(Answer::of(objects))
}

/// The mailbox and the folder of an identity such as `support:\Inbox`.
fn place(call: &Call<'_>) -> Result<(String, Option<String>), Failure> {
    let identity = call.parameters.required_text("Identity")?;
    Ok(match identity.split_once(":\\") {
        Some((mailbox, folder)) => {
            let folder = folder.trim_matches('\\');
            (mailbox.to_owned(), (!folder.is_empty()).then(|| folder.to_owned()))
        }
        None => (identity, None),
    })
}

fn refused(call: &Call<'_>, mailbox: &str) -> Failure {
    let verb = if call.cmdlet.verb() == "Remove" { "Remove" } else { "Add" };
    let user = call.parameters.text("User").ok().flatten().unwrap_or_default();
    Failure::invalid_operation(format!(
        "There are no rights on single folders: who may open a mailbox may open all of it. For the \
         whole mailbox: {verb}-MailboxPermission {mailbox} -User {user} -AccessRights FullAccess; \
         for a group also {verb}-UnifiedGroupLinks {mailbox} -LinkType Members -Links {user}."
    ))
}

fn wanted_user(call: &Call<'_>, directory: &Directory) -> Result<Option<RecipientId>, Failure> {
    let text = match call.cmdlet.parameter("User") {
        Some(_) => call.parameters.text("User")?.filter(|text| !text.is_empty()),
        None => None,
    };
    text.map(|text| {
        app::read::find(directory, &text).map(|found| found.id).ok_or_else(|| call.not_found(&text))
    })
    .transpose()
}

/// Whoever may open the mailbox beside a user at home in it: members, and who holds Full Access.
fn openers(call: &Call<'_>, directory: &Directory, owner: &Recipient) -> Vec<RecipientId> {
    let members = directory.members_of(owner.id).iter().map(|of| of.member);
    let grants = directory.grants_on(owner.id).iter();
    let granted = grants
        .filter(|grant| grant.right == Right::FullAccess && grant.is_in_force(call.now))
        .map(|grant| grant.trustee);
    let mut all: Vec<RecipientId> = members.chain(granted).collect();
    all.sort();
    all.dedup();
    all
}

fn entry(owner: &Recipient, folder: &str, user: &str, right: &str) -> Object {
    object(json!({
        "Identity": format!("{}:\\{}", owner.alias, if folder == TOP { "" } else { folder }),
        "FolderName": folder,
        "User": user,
        "AccessRights": [right],
        "SharingPermissionFlags": null,
        "IsValid": true,
    }))
}
