//! Writes BODY and BODYSTRUCTURE (RFC 9051 §7.5.2).

use mail::envelope::Envelope;
use mail::mime::{Disposition, Inside, Parameter, Part};

use crate::codec::{NameEncoding, write};

/// How a structure is written.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    /// The message the structure was read from.
    pub(super) octets: &'a [u8],
    /// With the extension data of BODYSTRUCTURE.
    pub(super) is_extended: bool,
    pub(super) encoding: NameEncoding,
}

impl Form<'_> {
    /// Writes a part and all inside it, in parentheses.
    pub(super) fn part(&self, out: &mut Vec<u8>, part: &Part) {
        out.push(b'(');
        match &part.inside {
            Inside::Parts(parts) => {
                parts.iter().for_each(|inner| self.part(out, inner));
                out.push(b' ');
                self.text(out, &part.content_type.subtype);
                if self.is_extended {
                    out.push(b' ');
                    self.parameters(out, &part.content_type.parameters);
                }
            }
            Inside::Nothing | Inside::Message(_) => self.single(out, part),
        }
        if self.is_extended {
            out.push(b' ');
            self.disposition(out, part.disposition.as_ref());
            out.push(b' ');
            self.languages(out, &part.language);
            out.push(b' ');
            self.optional(out, part.location.as_deref());
        }
        out.push(b')');
    }

    fn single(&self, out: &mut Vec<u8>, part: &Part) {
        self.text(out, &part.content_type.kind);
        out.push(b' ');
        self.text(out, &part.content_type.subtype);
        out.push(b' ');
        self.parameters(out, &part.content_type.parameters);
        out.push(b' ');
        self.optional(out, part.id.as_deref());
        out.push(b' ');
        self.optional(out, part.description.as_deref());
        out.push(b' ');
        self.text(out, &part.encoding);
        out.push(b' ');
        write::number(out, part.body.len() as u64);
        if let Inside::Message(message) = &part.inside {
            let header = self.octets.get(message.header.clone()).unwrap_or_default();
            out.push(b' ');
            super::envelope::envelope(out, &Envelope::read(header), self.encoding);
            out.push(b' ');
            self.part(out, message);
        }
        let is_text = part.content_type.kind.eq_ignore_ascii_case("text");
        if is_text || part.embedded().is_some() {
            out.push(b' ');
            write::number(out, part.lines as u64);
        }
        if self.is_extended {
            out.push(b' ');
            self.optional(out, part.md5.as_deref());
        }
    }

    fn parameters(&self, out: &mut Vec<u8>, parameters: &[Parameter]) {
        if parameters.is_empty() {
            return write::nil(out);
        }
        out.push(b'(');
        for (index, parameter) in parameters.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            self.text(out, &parameter.name);
            out.push(b' ');
            self.text(out, &parameter.value);
        }
        out.push(b')');
    }

    fn disposition(&self, out: &mut Vec<u8>, disposition: Option<&Disposition>) {
        let Some(disposition) = disposition else { return write::nil(out) };
        out.push(b'(');
        self.text(out, &disposition.kind);
        out.push(b' ');
        self.parameters(out, &disposition.parameters);
        out.push(b')');
    }

    fn languages(&self, out: &mut Vec<u8>, languages: &[String]) {
        match languages {
            [] => write::nil(out),
            [one] => self.text(out, one),
            many => {
                out.push(b'(');
                for (index, language) in many.iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    self.text(out, language);
                }
                out.push(b')');
            }
        }
    }

    fn optional(&self, out: &mut Vec<u8>, text: Option<&str>) {
        write::nstring(out, text.map(str::as_bytes), self.encoding);
    }

    fn text(&self, out: &mut Vec<u8>, text: &str) {
        write::string(out, text.as_bytes(), self.encoding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(message: &str, is_extended: bool) -> String {
        let octets = message.as_bytes();
        let form = Form { octets, is_extended, encoding: NameEncoding::ModifiedUtf7 };
        let mut out = Vec::new();
        form.part(&mut out, &Part::read(octets));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_plain_message_is_one_text() {
        let message = "Subject: x\r\n\r\none\r\ntwo\r\n";
        let told = "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7BIT\" 10 2)";
        assert_eq!(written(message, false), told);
    }

    #[test]
    fn parts_are_told_with_their_extension_data() {
        let message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nhi\r\n\
            --b\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename=x.png\r\nContent-ID: <1@x>\r\n\r\nAAAA\r\n\
            --b--\r\n";
        assert_eq!(
            written(message, true),
            "((\"text\" \"plain\" NIL NIL NIL \"7BIT\" 2 0 NIL NIL NIL NIL)\
             (\"image\" \"png\" (\"name\" \"x.png\") \"<1@x>\" NIL \"base64\" 4 NIL \
             (\"attachment\" (\"filename\" \"x.png\")) NIL NIL) \
             \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"
        );
    }

    #[test]
    fn a_message_inside_has_its_envelope_and_structure() {
        let message = "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext\r\n";
        let told = written(message, false);
        assert!(told.starts_with("(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 24 (NIL \"inner\""));
        assert!(told.ends_with(" NIL NIL \"7BIT\" 6 1) 3)"), "{told}");
    }
}
