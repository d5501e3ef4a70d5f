//! CLIXML: objects as PowerShell serialises them ([MS-PSRP] §2.2.5), for clients that ask with
//! `X-ResponseFormat: clixml`. Each object is a property bag of the type that Exchange's own module
//! makes of an answer.
//!
//! Written are `S` (text), `B` (boolean), `I64` (whole number), `G` (GUID), `DT` (point in time),
//! `Nil`, and lists and objects within objects. Which of them a text is, is told from the table of
//! the cmdlet.

use serde_json::Value;

use crate::cmdlet::{Cmdlet, Object, Property, PropertyKind};

/// The namespace of the format.
const NAMESPACE: &str = "http://schemas.microsoft.com/powershell/2004/04";
/// The type names of one object; deserialised, as Exchange's are.
const TYPE_NAMES: [&str; 2] =
    ["Deserialized.System.Management.Automation.PSCustomObject", "Deserialized.System.Object"];
/// The type names of a list.
const LIST_TYPE_NAMES: [&str; 2] =
    ["Deserialized.System.Collections.ArrayList", "Deserialized.System.Object"];

/// Writes one object of a cmdlet's output, annotations left out. Properties come in the order of
/// the table.
pub fn serialize(cmdlet: &Cmdlet, object: &Object) -> String {
    let mut writer = Writer { text: String::with_capacity(1024), next_reference: 0 };
    writer.text.push_str(&format!("<Objs Version=\"1.1.0.1\" xmlns=\"{NAMESPACE}\">"));
    writer.object(None, cmdlet.output, object);
    writer.text.push_str("</Objs>");
    writer.text
}

struct Writer {
    text: String,
    /// `RefId`s are numbers, unique in one document.
    next_reference: usize,
}

impl Writer {
    fn object(&mut self, name: Option<&str>, properties: &[Property], object: &Object) {
        self.open_object(name, &TYPE_NAMES);
        self.text.push_str("<MS>");
        for property in properties {
            if let Some(value) = object.get(property.name) {
                self.value(Some(property.name), property.kind, value);
            }
        }
        self.text.push_str("</MS></Obj>");
    }

    /// `<Obj>` with its type names. They are written in full each time: a reference (`TNRef`) would
    /// save little in documents of one object.
    fn open_object(&mut self, name: Option<&str>, type_names: &[&str]) {
        let reference = self.next_reference;
        self.next_reference += 1;
        let name = name.map(|name| format!(" N=\"{}\"", escape(name))).unwrap_or_default();
        self.text.push_str(&format!("<Obj{name} RefId=\"{reference}\">"));
        self.text.push_str(&format!("<TN RefId=\"{reference}\">"));
        for type_name in type_names {
            self.text.push_str(&format!("<T>{type_name}</T>"));
        }
        self.text.push_str("</TN>");
    }

    fn value(&mut self, name: Option<&str>, kind: PropertyKind, value: &Value) {
        match (kind, value) {
            (_, Value::Null) => self.element("Nil", name, ""),
            (PropertyKind::Objects(parts), Value::Array(items)) => {
                self.list(name, items, |writer, item| match item {
                    Value::Object(object) => writer.object(None, parts, object),
                    other => writer.value(None, PropertyKind::Text, other),
                });
            }
            (_, Value::Array(items)) => {
                self.list(name, items, |writer, item| writer.value(None, PropertyKind::Text, item));
            }
            (_, Value::Object(object)) => self.object(name, &[], object),
            (_, Value::Bool(value)) => {
                self.element("B", name, if *value { "true" } else { "false" });
            }
            (_, Value::Number(number)) => self.element("I64", name, &number.to_string()),
            (PropertyKind::Guid, Value::String(text)) => self.element("G", name, text),
            (PropertyKind::Timestamp | PropertyKind::OptionalTimestamp, Value::String(text)) => {
                self.element("DT", name, text);
            }
            (_, Value::String(text)) => self.element("S", name, text),
        }
    }

    fn list(&mut self, name: Option<&str>, items: &[Value], each: impl Fn(&mut Writer, &Value)) {
        self.open_object(name, &LIST_TYPE_NAMES);
        self.text.push_str("<LST>");
        for item in items {
            each(self, item);
        }
        self.text.push_str("</LST></Obj>");
    }

    fn element(&mut self, element: &str, name: Option<&str>, content: &str) {
        let name = name.map(|name| format!(" N=\"{}\"", escape(name))).unwrap_or_default();
        if element == "Nil" {
            self.text.push_str(&format!("<Nil{name} />"));
        } else {
            self.text.push_str(&format!("<{element}{name}>{}</{element}>", escape(content)));
        }
    }
}

/// Escapes a text: XML's own signs by entities, and what XML cannot hold as PowerShell does, by
/// `_xHHHH_` for each UTF-16 unit; so also an underscore that would read as such an escape.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = character.len_utf8();
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '_' if reads_as_escape(rest) => out.push_str("_x005F_"),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("_x{unit:04X}_"));
                }
            }
            other => out.push(other),
        }
        rest = &rest[length..];
    }
    out
}

/// Whether a text begins with `_xHHHH_`.
fn reads_as_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && matches!(bytes[1], b'x' | b'X')
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
        && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::cmdlet;

    fn written(value: &Value) -> String {
        let cmdlet = cmdlet::find("Get-UnifiedGroup").expect("in the table");
        serialize(cmdlet, value.as_object().expect("an object"))
    }

    #[test]
    fn each_kind_has_its_element() {
        let text = written(&json!({
            "Alias": "a & <b>", "Guid": "11111111-2222-4333-8444-555555555555",
            "GroupMemberCount": 3, "IsMembershipDynamic": false,
            "WhenCreatedUTC": "2026-09-21T14:13:20.0000000Z",
            "EmailAddresses": ["SMTP:a@b.c"], "Notes": null,
            "Channels": [{ "DisplayName": "General", "EmailAddress": "g@b.c" }],
            "Guid@data.type": "System.Guid",
        }));
        for part in [
            "<Objs Version=\"1.1.0.1\" xmlns=",
            "<S N=\"Alias\">a &amp; &lt;b&gt;</S>",
            "<G N=\"Guid\">11111111-2222-4333-8444-555555555555</G>",
            "<I64 N=\"GroupMemberCount\">3</I64>",
            "<B N=\"IsMembershipDynamic\">false</B>",
            "<DT N=\"WhenCreatedUTC\">2026-09-21T14:13:20.0000000Z</DT>",
            "<Nil N=\"Notes\" />",
            "<LST><S>SMTP:a@b.c</S></LST>",
            "<S N=\"DisplayName\">General</S>",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains('@') || !text.contains("data.type"), "annotations are left out");
    }

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        assert_eq!(escape("a\u{1}b\n"), "a_x0001_b_x000A_");
        assert_eq!(escape("_x000A_"), "_x005F_x000A_");
        assert_eq!(escape("_x_"), "_x_");
        assert_eq!(escape("é😀"), "é😀");
    }

    /// Reads what [`escape`] wrote.
    fn unescape(text: &str) -> String {
        let entities = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        let mut units: Vec<u16> = Vec::new();
        let mut rest = entities.as_str();
        while let Some(character) = rest.chars().next() {
            if character == '_' && reads_as_escape(rest) {
                units.push(u16::from_str_radix(&rest[2..6], 16).expect("hex digits"));
                rest = &rest[7..];
            } else {
                let mut buffer = [0; 2];
                units.extend_from_slice(character.encode_utf16(&mut buffer));
                rest = &rest[character.len_utf8()..];
            }
        }
        String::from_utf16(&units).expect("valid")
    }

    proptest! {
        #[test]
        fn texts_come_back(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"']));
            prop_assert!(!escaped.chars().any(char::is_control));
            prop_assert_eq!(unescape(&escaped), text);
        }
    }
}
