//! Changing the header section of a message without touching its body.
//!
//! A [`HeaderEdit`] collects what is to change and then copies the message once. Names and values
//! come as [`FieldName`] and [`FieldValue`], which cannot carry a line end that is not folding, so
//! no text from outside can add a field or end the header section.

use bytes::Bytes;

use crate::{
    field_text,
    header::{Field, HEADER_LINE_OCTETS_MAX, Message, MessageError},
};

/// Longest field name, in octets. Leaves room for the value on the first line.
pub const FIELD_NAME_OCTETS_MAX: usize = 76;
/// Longest line of a field value, in octets: what a line may have (RFC 5322 §2.1.1) behind the
/// longest name, a colon and a space.
pub const VALUE_LINE_OCTETS_MAX: usize = HEADER_LINE_OCTETS_MAX - FIELD_NAME_OCTETS_MAX - 2;

/// Why a text is not a field name or a field value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Empty, too long, or with other than printable ASCII characters (RFC 5322 §2.2).
    #[error("a field name has 1 to 76 printable ASCII characters and no colon or space")]
    Name,
    /// A line end that is not followed by white space and text.
    #[error("the field value has a line end: fold with CRLF and a space before text")]
    LineEnd,
    /// A control character other than tab.
    #[error("the field value has a control character: remove it")]
    ControlCharacter,
    /// A line longer than [`VALUE_LINE_OCTETS_MAX`].
    #[error("the field value has a line longer than 920 octets: fold it")]
    LineTooLong,
}

/// The name of a header field: printable ASCII without colon (RFC 5322 §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldName<'a>(&'a str);

impl<'a> FieldName<'a> {
    /// RFC 5322 §3.6.2.
    pub const FROM: FieldName<'static> = FieldName::known("From");
    /// RFC 5322 §3.6.2.
    pub const SENDER: FieldName<'static> = FieldName::known("Sender");
    /// RFC 5322 §3.6.2.
    pub const REPLY_TO: FieldName<'static> = FieldName::known("Reply-To");
    /// RFC 5322 §3.6.3.
    pub const TO: FieldName<'static> = FieldName::known("To");
    /// RFC 5322 §3.6.3. Removed before a message leaves.
    pub const BCC: FieldName<'static> = FieldName::known("Bcc");
    /// RFC 5322 §3.6.5.
    pub const SUBJECT: FieldName<'static> = FieldName::known("Subject");
    /// RFC 5322 §3.6.1.
    pub const DATE: FieldName<'static> = FieldName::known("Date");
    /// RFC 5322 §3.6.4.
    pub const MESSAGE_ID: FieldName<'static> = FieldName::known("Message-ID");
    /// RFC 5321 §4.4.
    pub const RECEIVED: FieldName<'static> = FieldName::known("Received");
    /// RFC 5321 §4.4. Written at final delivery alone.
    pub const RETURN_PATH: FieldName<'static> = FieldName::known("Return-Path");

    /// Takes a name from outside, such as that of a rule which an administrator wrote.
    pub fn new(name: &'a str) -> Result<FieldName<'a>, FieldError> {
        if is_name(name) { Ok(FieldName(name)) } else { Err(FieldError::Name) }
    }

    /// Takes a name that is written in the program. For constants: a wrong name does not compile.
    ///
    /// # Panics
    /// Where it is not evaluated at compile time and the name is wrong.
    pub const fn known(name: &'static str) -> FieldName<'static> {
        assert!(is_name(name), "a field name is printable ASCII without colon and space");
        FieldName(name)
    }

    /// The name as written.
    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_graphic() || bytes[at] == b':' {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty() && bytes.len() <= FIELD_NAME_OCTETS_MAX
}

/// A field value that can be written into a header section as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue(String);

impl FieldValue {
    /// Takes a value that is ready: what [`write_author`](crate::write_author),
    /// [`Received`](crate::Received) or [`message_id`](crate::message_id()) made, or one copied
    /// from another field. White space at both ends goes.
    pub fn new(value: &str) -> Result<FieldValue, FieldError> {
        let value = value.trim_matches([' ', '\t']);
        for (number, line) in value.split("\r\n").enumerate() {
            let is_folded =
                line.starts_with([' ', '\t']) && !line.trim_matches([' ', '\t']).is_empty();
            if number > 0 && !is_folded || line.contains(['\r', '\n']) {
                return Err(FieldError::LineEnd);
            }
            if line.contains(|c: char| c.is_ascii_control() && c != '\t') {
                return Err(FieldError::ControlCharacter);
            }
            if line.len() > VALUE_LINE_OCTETS_MAX {
                return Err(FieldError::LineTooLong);
            }
        }
        Ok(FieldValue(value.to_owned()))
    }

    /// Makes a value for the unstructured field `name` from any text: see [`fold`](crate::fold).
    pub fn text(name: FieldName<'_>, text: &str) -> FieldValue {
        FieldValue(field_text::fold(name.0, text))
    }

    /// The value as it is written behind the colon and a space.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What happens to a field of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Removed,
    Replaced(String),
}

/// Changes to the header section of a message; [`apply`](HeaderEdit::apply) makes the new message.
///
/// Fields that are not named stay octet for octet, in their order.
#[derive(Debug)]
pub struct HeaderEdit<'m> {
    message: &'m Message,
    /// By the index of the field, in ascending order, at most one for each.
    fates: Vec<(usize, Fate)>,
    /// In the order in which they were put on top: the last one comes first.
    prepended: Vec<String>,
    appended: String,
}

impl<'m> HeaderEdit<'m> {
    /// Changes nothing yet.
    pub fn new(message: &'m Message) -> HeaderEdit<'m> {
        HeaderEdit { message, fates: Vec::new(), prepended: Vec::new(), appended: String::new() }
    }

    /// Removes all fields of this name. Fields that this edit adds are not concerned.
    #[must_use]
    pub fn remove(self, name: FieldName<'_>) -> HeaderEdit<'m> {
        self.remove_where(|field| field.is(name.0))
    }

    /// Removes all fields of the message for which `is_unwanted` says so.
    #[must_use]
    pub fn remove_where(mut self, is_unwanted: impl Fn(&Field<'_>) -> bool) -> HeaderEdit<'m> {
        for (index, field) in self.message.fields().enumerate() {
            if is_unwanted(&field) {
                self.decide(index, Fate::Removed);
            }
        }
        self
    }

    /// Writes the first field of this name anew where it stands, and removes further ones of that
    /// name. Where there is none, the field is appended.
    #[must_use]
    pub fn replace_first(mut self, name: FieldName<'_>, value: &FieldValue) -> HeaderEdit<'m> {
        let line = field_line(name, value);
        let mut indices = Vec::new();
        indices.extend(
            self.message.fields().enumerate().filter(|(_, f)| f.is(name.0)).map(|(index, _)| index),
        );
        let Some((first, others)) = indices.split_first() else {
            self.appended.push_str(&line);
            return self;
        };
        for index in others {
            self.decide(*index, Fate::Removed);
        }
        self.decide(*first, Fate::Replaced(line));
        self
    }

    /// Puts a field on top of the message, above those put there before. Trace fields belong there
    /// (RFC 5321 §4.4).
    #[must_use]
    pub fn prepend(mut self, name: FieldName<'_>, value: &FieldValue) -> HeaderEdit<'m> {
        self.prepended.push(field_line(name, value));
        self
    }

    /// Puts a field behind the last one.
    #[must_use]
    pub fn append(mut self, name: FieldName<'_>, value: &FieldValue) -> HeaderEdit<'m> {
        self.appended.push_str(&field_line(name, value));
        self
    }

    /// Makes the new message: header section as changed, then the empty line and the body as they
    /// were. One allocation.
    pub fn apply(self) -> Bytes {
        let raw = self.message.raw();
        let header_len = self.message.header_len();
        let added = self.prepended.iter().map(String::len).sum::<usize>()
            + self.appended.len()
            + self.fates.iter().map(|(_, fate)| fate.octets()).sum::<usize>();
        let mut out = Vec::with_capacity(raw.len() + added);
        for line in self.prepended.iter().rev() {
            out.extend_from_slice(line.as_bytes());
        }
        let mut kept_from = 0;
        let mut fates = self.fates.iter();
        let mut next = fates.next();
        for (index, field) in self.message.fields().enumerate() {
            let Some((_, fate)) = next.filter(|(decided, _)| *decided == index) else { continue };
            out.extend_from_slice(&raw[kept_from..field.range().start]);
            if let Fate::Replaced(line) = fate {
                out.extend_from_slice(line.as_bytes());
            }
            kept_from = field.range().end;
            next = fates.next();
        }
        out.extend_from_slice(&raw[kept_from..header_len]);
        out.extend_from_slice(self.appended.as_bytes());
        out.extend_from_slice(&raw[header_len..]);
        Bytes::from(out)
    }

    /// Makes the new message and reads its header section. The body, known to be good, is not
    /// looked at again.
    ///
    /// Fails only where the added fields pass
    /// [`HEADER_OCTETS_MAX`](crate::header::HEADER_OCTETS_MAX) or
    /// [`HEADER_FIELDS_MAX`](crate::header::HEADER_FIELDS_MAX).
    pub fn into_message(self) -> Result<Message, MessageError> {
        let facts = self.message.body_facts();
        Message::with_known_body(self.apply(), facts)
    }

    /// Sets what happens to a field; a later word counts more than an earlier one.
    fn decide(&mut self, index: usize, fate: Fate) {
        match self.fates.binary_search_by_key(&index, |(decided, _)| *decided) {
            Ok(at) => self.fates[at].1 = fate,
            Err(at) => self.fates.insert(at, (index, fate)),
        }
    }
}

impl Fate {
    fn octets(&self) -> usize {
        match self {
            Fate::Removed => 0,
            Fate::Replaced(line) => line.len(),
        }
    }
}

fn field_line(name: FieldName<'_>, value: &FieldValue) -> String {
    // A value whose first line is empty brings its own white space.
    let space = if value.0.is_empty() || value.0.starts_with('\r') { "" } else { " " };
    format!("{}:{space}{}\r\n", name.0, value.0)
}

#[cfg(test)]
mod tests;
