//! The parameters of MAIL and RCPT (RFC 5321 §4.1.2 `esmtp-param`), one match arm each.
//!
//! Each parameter may stand once. One that no announced extension defines is an error of its own
//! (555), so that a client learns that its wish was not read.

use mail::ReversePath;

use crate::codec::ParseError;
use crate::codec::xtext;
use crate::envelope::{
    Body, MailParameters, Notify, NotifyEvents, OriginalRecipient, ReturnContent,
};

/// Longest ENVID, in octets of its encoded form (RFC 3461 §4.4).
const ENVELOPE_ID_OCTETS_MAX: usize = 100;
/// Longest ORCPT, in octets of its encoded form (RFC 3461 §4.2).
const ORIGINAL_RECIPIENT_OCTETS_MAX: usize = 500;
/// Most digits of a size (RFC 1870 §3 and RFC 3030 §2).
const SIZE_DIGITS_MAX: usize = 20;

/// Reads a decimal number of at most [`SIZE_DIGITS_MAX`] digits; one too big for 64 bits is capped.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let is_number = !text.is_empty()
        && text.len() <= SIZE_DIGITS_MAX
        && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Splits ` KEY=VALUE KEY …`.
fn each(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| match word.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (word, None),
    })
}

/// Keeps `value` unless the parameter came before.
fn once<T>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), ParseError> {
    if place.is_some() {
        return Err(ParseError::RepeatedParameter(name));
    }
    *place = Some(value);
    Ok(())
}

fn unknown(key: &str) -> ParseError {
    // The name goes into the reply: short, and only what a keyword may consist of.
    let clean = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    ParseError::UnknownParameter(key.chars().filter(clean).take(32).collect())
}

pub(super) fn of_mail(path: ReversePath, text: &str) -> Result<MailParameters, ParseError> {
    let (mut size, mut body, mut ret, mut envelope_id) = (None, None, None, None);
    let (mut smtputf8, mut auth) = (None, None);
    for (key, value) in each(text) {
        let given = |name| value.ok_or(ParseError::ParameterValue(name));
        match key.to_ascii_uppercase().as_str() {
            "SIZE" => once(&mut size, "SIZE", size_of(given("SIZE")?)?)?,
            "BODY" => once(&mut body, "BODY", body_of(given("BODY")?)?)?,
            "SMTPUTF8" if value.is_none() => once(&mut smtputf8, "SMTPUTF8", ())?,
            "SMTPUTF8" => return Err(ParseError::ParameterValue("SMTPUTF8")),
            // RFC 4954 §5: read for its syntax; it proves nothing, so nobody is told.
            "AUTH" => once(&mut auth, "AUTH", auth_of(given("AUTH")?)?)?,
            "RET" => once(&mut ret, "RET", ret_of(given("RET")?)?)?,
            "ENVID" => once(&mut envelope_id, "ENVID", envelope_id_of(given("ENVID")?)?)?,
            _ => return Err(unknown(key)),
        }
    }
    Ok(MailParameters {
        reverse_path: path,
        size_octets: size,
        body: body.unwrap_or_default(),
        smtputf8: smtputf8.is_some(),
        ret,
        envelope_id,
    })
}

pub(super) fn of_rcpt(text: &str) -> Result<(Notify, Option<OriginalRecipient>), ParseError> {
    let (mut notify, mut original) = (None, None);
    for (key, value) in each(text) {
        let given = |name| value.ok_or(ParseError::ParameterValue(name));
        match key.to_ascii_uppercase().as_str() {
            "NOTIFY" => once(&mut notify, "NOTIFY", notify_of(given("NOTIFY")?)?)?,
            "ORCPT" => once(&mut original, "ORCPT", original_of(given("ORCPT")?)?)?,
            _ => return Err(unknown(key)),
        }
    }
    Ok((notify.unwrap_or_default(), original))
}

fn size_of(value: &str) -> Result<u64, ParseError> {
    decimal(value).ok_or(ParseError::ParameterValue("SIZE"))
}

fn body_of(value: &str) -> Result<Body, ParseError> {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => Ok(Body::SevenBit),
        "8BITMIME" => Ok(Body::EightBitMime),
        // RFC 3030 §3: an extension of its own, which we do not announce.
        "BINARYMIME" => Err(ParseError::ValueNotOffered("BODY")),
        _ => Err(ParseError::ParameterValue("BODY")),
    }
}

fn auth_of(value: &str) -> Result<(), ParseError> {
    if value == "<>" {
        return Ok(());
    }
    xtext::decode(value).map(|_| ()).ok_or(ParseError::ParameterValue("AUTH"))
}

fn ret_of(value: &str) -> Result<ReturnContent, ParseError> {
    match value.to_ascii_uppercase().as_str() {
        "FULL" => Ok(ReturnContent::Full),
        "HDRS" => Ok(ReturnContent::Headers),
        _ => Err(ParseError::ParameterValue("RET")),
    }
}

fn envelope_id_of(value: &str) -> Result<String, ParseError> {
    let wrong = ParseError::ParameterValue("ENVID");
    if value.is_empty() || value.len() > ENVELOPE_ID_OCTETS_MAX {
        return Err(wrong);
    }
    // RFC 3461 §4.4: decoded, it is printable ASCII.
    xtext::decode(value).filter(|id| is_printable(id)).ok_or(wrong)
}

fn notify_of(value: &str) -> Result<Notify, ParseError> {
    let wrong = ParseError::ParameterValue("NOTIFY");
    if value.eq_ignore_ascii_case("NEVER") {
        return Ok(Notify::Never);
    }
    let mut events = NotifyEvents::default();
    for word in value.split(',') {
        // RFC 3461 §4.1: NEVER stands alone.
        let event = match word.to_ascii_uppercase().as_str() {
            "SUCCESS" => NotifyEvents::SUCCESS,
            "FAILURE" => NotifyEvents::FAILURE,
            "DELAY" => NotifyEvents::DELAY,
            _ => return Err(wrong),
        };
        events = events.with(event);
    }
    Ok(Notify::On(events))
}

fn original_of(value: &str) -> Result<OriginalRecipient, ParseError> {
    let wrong = ParseError::ParameterValue("ORCPT");
    if value.len() > ORIGINAL_RECIPIENT_OCTETS_MAX {
        return Err(wrong);
    }
    let (address_type, address) = value.split_once(';').ok_or_else(|| wrong.clone())?;
    let is_atom = !address_type.is_empty()
        && address_type.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_atom || address.is_empty() {
        return Err(wrong);
    }
    let address = if address_type.eq_ignore_ascii_case("utf-8") {
        address.to_owned()
    } else {
        xtext::decode(address).filter(|text| is_printable(text)).ok_or(wrong)?
    };
    Ok(OriginalRecipient { address_type: address_type.to_owned(), address })
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}
