//! `Get-Recipient`: everything that holds an address.

use admin_protocol::failure::Failure;
use domain::Recipient;

use super::call::{ALL_KINDS, Answer, Call};
use super::object::{self, insert, recipient_type, type_details};

/// What Exchange says when no kind is of both kinds that were asked for.
const NO_SUCH_PAIR: &str =
    "None of the specified RecipientTypeDetails are included in any specified recipient type.";

pub(crate) fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let types = call.parameters.text_list("RecipientType")?;
    let details = call.parameters.text_list("RecipientTypeDetails")?;
    let has = |list: &[String], name: &str| list.iter().any(|word| word.eq_ignore_ascii_case(name));
    let is_pair = ALL_KINDS
        .into_iter()
        .any(|kind| has(&types, recipient_type(kind)) && has(&details, type_details(kind)));
    if !types.is_empty() && !details.is_empty() && !is_pair {
        return Err(Failure::invalid_operation(NO_SUCH_PAIR));
    }
    let directory = call.app.directory();
    let sees_all = call.sees_all(&directory);
    let listed = call.listed(&directory, &ALL_KINDS)?.into_iter();
    let listed: Vec<&Recipient> = listed
        .filter(|found| types.is_empty() || has(&types, recipient_type(found.kind)))
        .filter(|found| sees_all || !found.settings.is_hidden_from_address_lists)
        .collect();
    Ok(call.show_listed(listed, |found| {
        let mut object = object::recipient(found);
        insert(&mut object, "ExchangeGuid", found.guid.as_str());
        object
    }))
}
