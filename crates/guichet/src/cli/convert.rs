//! `guichet shared convert`: makes a shared mailbox of a group or a user. First it shows what will
//! become of members, channels and addresses, and has the server check it; then it asks; then it
//! converts exactly what was shown, or says that somebody changed it meanwhile.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use clap::Args;

use super::confirm::YesOption;
use super::error::Error;
use super::output::{self, JsonOption};
use super::session::Session;

/// Who is named one by one in the preview; of more than that only the number is said.
const NAMED_MAX: usize = 20;

/// `shared convert`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet shared convert ventes --dry-run
  guichet shared convert support@contoso.com --remove-channels --yes")]
pub(crate) struct ConvertShared {
    /// The group or user: address, alias or GUID
    group: String,
    /// Remove a team's channels with the mail in them
    #[arg(long)]
    remove_channels: bool,
    /// Only say what would be done, and whether it could be
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: YesOption,
    #[command(flatten)]
    format: JsonOption,
}

/// Shows, asks, converts.
pub(crate) fn run(args: &ConvertShared, session: &mut Session) -> Result<(), Error> {
    let identity = Parameters::new().with("Identity", args.group.clone());
    let found = session.call_for_one("Get-Recipient", identity.clone(), &args.group)?;
    let is_group = output::text(&found, "RecipientTypeDetails") == "GroupMailbox";
    let cmdlet = if is_group { "Get-UnifiedGroup" } else { "Get-Mailbox" };
    let seen = session.call_for_one(cmdlet, identity.clone(), &args.group)?;
    let convert = identity
        .with("Type", "Shared")
        .with_some("RemoveChannels", args.remove_channels.then_some(true))
        .with("ExpectedVersion", output::text(&seen, "ObjectVersion"));
    // What is in the way is said before anything else.
    session.call("Set-Mailbox", convert.clone().with("WhatIf", true))?;
    let members = match is_group {
        true => members(session, &args.group)?,
        false => Vec::new(),
    };
    for line in preview(&seen, is_group, &members) {
        eprintln!("{line}");
    }
    if args.dry_run {
        eprintln!("nothing was done");
        return Ok(());
    }
    args.yes.ask(&format!("Convert {}?", output::text(&seen, "PrimarySmtpAddress")))?;
    let changed = session.call("Set-Mailbox", convert)?;
    output::print_changed(session, changed, args.format)
}

/// The members of a group, who will receive Full Access.
fn members(session: &mut Session, group: &str) -> Result<Vec<Object>, Error> {
    let parameters = Parameters::new()
        .with("Identity", group)
        .with("LinkType", "Members")
        .with("ResultSize", "Unlimited");
    session.call("Get-UnifiedGroupLinks", parameters)
}

/// What will become of what there is, line by line.
fn preview(seen: &Object, is_group: bool, members: &[Object]) -> Vec<String> {
    let address = output::text(seen, "PrimarySmtpAddress");
    let name = output::text(seen, "DisplayName");
    let mut lines = vec![format!("{name} <{address}> becomes a shared mailbox.")];
    let addresses = output::texts(seen, "EmailAddresses").len();
    lines.push(format!("  Mail, folders and its {addresses} addresses stay as they are."));
    lines.push("  Rights to send as it stay as they are.".to_owned());
    if !is_group {
        lines.push("  The login, its app passwords and its tokens end.".to_owned());
        return lines;
    }
    let can_hold = |member: &&Object| {
        matches!(output::text(member, "RecipientTypeDetails"), "UserMailbox" | "GroupMailbox")
    };
    let (open, lost): (Vec<&Object>, Vec<&Object>) = members.iter().partition(can_hold);
    lines.push(format!("  Full Access instead of membership: {}.", named(&open)));
    if !lost.is_empty() {
        lines.push(format!("  No longer members, and without access: {}.", named(&lost)));
    }
    let channels = seen.get("Channels").and_then(|channels| channels.as_array());
    let channels: Vec<&str> = channels
        .into_iter()
        .flatten()
        .filter_map(|channel| channel["DisplayName"].as_str())
        .collect();
    if !channels.is_empty() {
        let names = channels.join(", ");
        lines.push(format!("  Removed with the mail in them: the channels {names}."));
    }
    lines
}

fn named(who: &[&Object]) -> String {
    match who.len() {
        0 => "nobody".to_owned(),
        count if count > NAMED_MAX => format!("{count} members"),
        _ => {
            let names = who.iter().map(|member| output::text(member, "PrimarySmtpAddress"));
            names.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &serde_json::Value) -> Object {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn the_preview_says_what_becomes_of_everybody() {
        let team = object(&json!({
            "DisplayName": "Support", "PrimarySmtpAddress": "support@contoso.com",
            "EmailAddresses": ["SMTP:support@contoso.com"],
            "Channels": [{ "DisplayName": "General" }],
        }));
        let member = |address: &str, kind: &str| {
            object(&json!({ "PrimarySmtpAddress": address, "RecipientTypeDetails": kind }))
        };
        let members =
            [member("j@contoso.com", "UserMailbox"), member("c@fabrikam.com", "MailContact")];
        let lines = preview(&team, true, &members).join("\n");
        assert!(lines.contains("Full Access instead of membership: j@contoso.com."), "{lines}");
        assert!(lines.contains("without access: c@fabrikam.com."), "{lines}");
        assert!(lines.contains("the channels General."), "{lines}");
        let many: Vec<Object> =
            (0..=NAMED_MAX).map(|n| member(&format!("{n}@x.org"), "UserMailbox")).collect();
        let lines = preview(&team, true, &many).join("\n");
        assert!(lines.contains("membership: 21 members."), "{lines}");
        let user = preview(&team, false, &[]).join("\n");
        assert!(user.contains("The login"), "{user}");
    }
}
