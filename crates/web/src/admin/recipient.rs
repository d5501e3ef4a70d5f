//! `Get-Recipient`: everything that holds an address.

use admin_protocol::failure::Failure;

use super::call::{ALL_KINDS, Answer, Call};
use super::object;

pub(crate) fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let wanted = call.parameters.text_list("RecipientTypeDetails")?;
    let directory = call.app.directory();
    let sees_all = call.sees_all(&directory);
    let listed = call.listed(&directory, &ALL_KINDS)?.into_iter();
    let is_wanted = |details: &str| {
        wanted.is_empty() || wanted.iter().any(|word| word.eq_ignore_ascii_case(details))
    };
    let objects = listed
        .filter(|found| is_wanted(object::type_details(found.kind)))
        .filter(|found| sees_all || !found.settings.is_hidden_from_address_lists)
        .map(object::recipient);
    Ok(Answer::of(objects.collect()))
}
