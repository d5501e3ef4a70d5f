//! Rights in Exchange's shapes and in our own. All are views of the same grants.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::{sid, timestamp};
use app::access;
use app::command::{Command, GrantOrder, RevokeOrder};
use app::read::rights::{RightRow, RightsFilter, rights};
use domain::{Directory, RecipientId, Right};
use serde_json::json;

use super::call::{ALL_KINDS, Answer, Call, object, warnings};
use super::object::{self, insert, optional_timestamp};

/// The three shapes, each with what it speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `*-RecipientPermission`: Send As.
    Recipient,
    /// `*-MailboxPermission`: Full Access.
    Mailbox,
    /// `*-GuichetPermission`: all three.
    Guichet,
}

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let (verb, noun) = call.cmdlet.name.split_once('-').unwrap_or_default();
    let shape = match noun {
        "RecipientPermission" => Shape::Recipient,
        "MailboxPermission" => Shape::Mailbox,
        _ => Shape::Guichet,
    };
    match verb {
        "Get" => list(call, shape),
        "Add" => grant(call, shape).await,
        _ => revoke(call, shape).await,
    }
}

impl Shape {
    /// The name of the parameter for the trustee.
    fn trustee_parameter(self) -> &'static str {
        match self {
            Shape::Recipient | Shape::Guichet => "Trustee",
            Shape::Mailbox => "User",
        }
    }

    /// The right that is meant; for our own shape the one in `-Right`, if any.
    fn right(self, call: &Call<'_>) -> Result<Option<Right>, Failure> {
        match self {
            Shape::Recipient => Ok(Some(Right::SendAs)),
            Shape::Mailbox => Ok(Some(Right::FullAccess)),
            Shape::Guichet => {
                let text = call.parameters.text("Right")?.unwrap_or_default();
                let is_it = |right: &Right| object::right(*right).eq_ignore_ascii_case(&text);
                Ok(Right::ALL.into_iter().find(is_it))
            }
        }
    }

    fn required_right(self, call: &Call<'_>) -> Result<Right, Failure> {
        let right = self.right(call)?;
        right.ok_or_else(|| Failure::missing_parameter(call.cmdlet.name, "Right"))
    }

    fn show(self, directory: &Directory, call: &Call<'_>, row: &RightRow<'_>) -> Object {
        let grant = row.grant;
        let includes = call.is_on("IncludeTrusteeWithPrimarySmtpAddress");
        let mut shown = match self {
            Shape::Recipient => object(json!({
                "Identity": row.recipient.display_name,
                "Trustee": row.trustee.primary().to_string(),
                "AccessControlType": "Allow",
                "AccessRights": ["SendAs"],
                "IsInherited": !row.via.is_empty(),
                "InheritanceType": "None",
                "TrusteeSidString": sid(&row.trustee.guid),
                "PrimarySmtpAddress": row.recipient.primary().to_string(),
                "TrusteeWithPrimarySmtpAddress": match includes {
                    true => row.trustee.primary().to_string(),
                    false => String::new(),
                },
                "IsValid": true,
                "ObjectState": "Unchanged",
            })),
            Shape::Mailbox => object(json!({
                "Identity": row.recipient.display_name,
                "User": row.trustee.primary().to_string(),
                "UserSid": sid(&row.trustee.guid),
                "AccessRights": ["FullAccess"],
                "IsInherited": !row.via.is_empty(),
                "Deny": false,
                "InheritanceType": "All",
            })),
            Shape::Guichet => object(json!({
                "Identity": row.recipient.primary().to_string(),
                "DisplayName": row.recipient.display_name,
                "RecipientTypeDetails": object::type_details(row.recipient.kind),
                "Trustee": row.trustee.primary().to_string(),
                "TrusteeDisplayName": row.trustee.display_name,
                "TrusteeTypeDetails": object::type_details(row.trustee.kind),
                "Right": object::right(grant.right),
            })),
        };
        insert(&mut shown, "UntilUTC", optional_timestamp(grant.until_at));
        insert(&mut shown, "Reason", grant.reason.clone());
        insert(&mut shown, "GrantedBy", grant.granted_by.as_str());
        insert(&mut shown, "WhenGrantedUTC", timestamp(grant.granted_at));
        insert(&mut shown, "IsInForce", row.is_in_force);
        if self != Shape::Mailbox {
            let via = row.via.iter().map(|group| object::primary(directory, group.id));
            insert(&mut shown, "Via", via.collect::<Vec<_>>());
        }
        shown
    }
}

fn list(call: &Call<'_>, shape: Shape) -> Result<Answer, Failure> {
    let directory = call.app.directory();
    let named = |parameter: &str| -> Result<Option<RecipientId>, Failure> {
        let text = call.parameters.text(parameter)?.filter(|text| !text.is_empty());
        text.map(|text| call.find(&directory, &text, &ALL_KINDS).map(|found| found.id)).transpose()
    };
    let expands = call.cmdlet.parameter("Expand").is_some() && call.parameters.switch("Expand")?;
    let filter = RightsFilter {
        recipient: named("Identity")?,
        trustee: named(shape.trustee_parameter())?,
        right: shape.right(call)?,
        expands_groups: expands,
    };
    let sees_all = call.sees_all(&directory);
    let actor = &call.caller.actor;
    let may_see = |row: &RightRow<'_>| {
        sees_all
            || access::owns(&directory, actor, row.recipient.id)
            || (shape == Shape::Guichet && actor.account() == Some(row.trustee.id))
    };
    let rows = rights(&directory, &filter, call.now);
    let listed: Vec<RightRow<'_>> = rows.into_iter().filter(may_see).collect();
    Ok(call.show_listed(listed, |row| shape.show(&directory, call, &row)))
}

async fn grant(call: &Call<'_>, shape: Shape) -> Result<Answer, Failure> {
    let order = GrantOrder {
        recipient: call.parameters.required_text("Identity")?,
        trustee: call.parameters.required_text(shape.trustee_parameter())?,
        right: shape.required_right(call)?,
        until_at: call.parameters.timestamp("Until")?,
    };
    let (trustee, right) = (order.trustee.clone(), order.right);
    let outcome = call.order(Command::Grant(order)).await?;
    let directory = call.app.directory();
    let filter = RightsFilter {
        recipient: outcome.recipient,
        trustee: app::read::find(&directory, &trustee).map(|found| found.id),
        right: Some(right),
        expands_groups: false,
    };
    let rows = rights(&directory, &filter, call.now);
    let objects = rows.iter().map(|row| shape.show(&directory, call, row)).collect();
    Ok(Answer { objects, warnings: warnings(&outcome), total: None })
}

async fn revoke(call: &Call<'_>, shape: Shape) -> Result<Answer, Failure> {
    let order = RevokeOrder {
        recipient: call.parameters.required_text("Identity")?,
        trustee: call.parameters.required_text(shape.trustee_parameter())?,
        right: shape.required_right(call)?,
    };
    let mut answer = call.order_silently(Command::Revoke(order)).await?;
    if call.is_on("BypassMasterAccountSid") {
        answer.warnings.clear();
    }
    Ok(answer)
}
