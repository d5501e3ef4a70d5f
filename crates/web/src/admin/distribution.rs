//! `Get-DistributionGroup` and `Get-DistributionGroupMember`: what Exchange answers about groups
//! that have a mailbox, which all of ours are.

use admin_protocol::failure::Failure;
use domain::{Recipient, RecipientKind};

use super::call::{Answer, Call};
use super::object;

const KINDS: [RecipientKind; 1] = [RecipientKind::Group];

pub(crate) fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-DistributionGroup" => {
            match call.parameters.text("Identity")?.filter(|text| !text.is_empty()) {
                Some(identity) => Err(call.not_found(&identity)),
                None => Ok(Answer::default()),
            }
        }
        _ => members(call),
    }
}

fn members(call: &Call<'_>) -> Result<Answer, Failure> {
    let identity = call.parameters.required_text("Identity")?;
    let directory = call.app.directory();
    let group = call.find(&directory, &identity, &KINDS)?;
    let members = directory.members_of(group.id).iter();
    let mut found: Vec<&Recipient> =
        members.filter_map(|of| directory.recipient(of.member)).collect();
    found.sort_by(|a, b| (&a.display_name, a.id).cmp(&(&b.display_name, b.id)));
    Ok(call.show_listed(found, object::names))
}
