//! Writes ENVELOPE (RFC 9051 §7.5.2).

use mail::envelope::{Envelope, EnvelopeAddress};

use crate::codec::{NameEncoding, write};

/// Writes an envelope in its parentheses.
pub(super) fn envelope(out: &mut Vec<u8>, envelope: &Envelope, encoding: NameEncoding) {
    out.push(b'(');
    text(out, envelope.date.as_deref(), encoding);
    out.push(b' ');
    text(out, envelope.subject.as_deref(), encoding);
    for list in [
        &envelope.from,
        &envelope.sender,
        &envelope.reply_to,
        &envelope.to,
        &envelope.cc,
        &envelope.bcc,
    ] {
        out.push(b' ');
        addresses(out, list, encoding);
    }
    out.push(b' ');
    text(out, envelope.in_reply_to.as_deref(), encoding);
    out.push(b' ');
    text(out, envelope.message_id.as_deref(), encoding);
    out.push(b')');
}

fn addresses(out: &mut Vec<u8>, list: &[EnvelopeAddress], encoding: NameEncoding) {
    if list.is_empty() {
        return write::nil(out);
    }
    out.push(b'(');
    for address in list {
        let (name, route, local, domain) = match address {
            EnvelopeAddress::Mailbox { name, route, local, domain } => {
                (name.as_deref(), route.as_deref(), Some(local.as_str()), Some(domain.as_str()))
            }
            // A group begins with its name in the place of the local part and ends with nothing.
            EnvelopeAddress::GroupStart(name) => (None, None, Some(name.as_str()), None),
            EnvelopeAddress::GroupEnd => (None, None, None, None),
        };
        out.push(b'(');
        text(out, name, encoding);
        for value in [route, local, domain] {
            out.push(b' ');
            text(out, value, encoding);
        }
        out.push(b')');
    }
    out.push(b')');
}

fn text(out: &mut Vec<u8>, value: Option<&str>, encoding: NameEncoding) {
    write::nstring(out, value.map(str::as_bytes), encoding);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(header: &str) -> String {
        let mut out = Vec::new();
        envelope(&mut out, &Envelope::read(header.as_bytes()), NameEncoding::ModifiedUtf7);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_envelope_has_its_ten_fields() {
        let header = "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n\
                      From: Terry Gray <gray@cac.washington.edu>\r\n\
                      Subject: IMAP4rev2 WG mtg\r\nTo: imap@cac.washington.edu\r\n\
                      Message-Id: <B27397@cac.washington.edu>\r\n\r\n";
        let gray = "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))";
        assert_eq!(
            written(header),
            format!(
                "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg\" {gray} {gray} \
                 {gray} ((NIL NIL \"imap\" \"cac.washington.edu\")) NIL NIL NIL \
                 \"<B27397@cac.washington.edu>\")"
            )
        );
    }

    #[test]
    fn nothing_is_told_as_nothing_and_groups_as_groups() {
        assert_eq!(written("\r\n"), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
        let told = written("To: team: a@b;\r\n\r\n");
        assert!(
            told.contains("((NIL NIL \"team\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))"),
            "{told}"
        );
    }
}
