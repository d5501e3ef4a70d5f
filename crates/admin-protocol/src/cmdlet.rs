//! What a cmdlet is: its name, parameters, output and who may call it. The table itself is in the
//! files of `cmdlets/`, one per noun, and is read through [`all`] and [`find`].
//!
//! Names follow Exchange where Exchange has them; what is Guichet's own says so in its comment.
//! Names of cmdlets and parameters are compared without regard to case.

use serde_json::{Map, Value};

use crate::cmdlets;
use crate::failure::Failure;
use crate::parameters::Parameters;
use crate::text;

/// One object of a cmdlet's output: property name to value.
pub type Object = Map<String, Value>;

/// One cmdlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cmdlet {
    /// Verb and noun, as in PowerShell.
    pub name: &'static str,
    /// One sentence of help.
    pub synopsis: &'static str,
    /// Who may call it.
    pub caller: Caller,
    /// Whether a call with `Confirm:true` asks first (see [`Pause`]).
    pub pause: Pause,
    /// What may be passed, besides the common parameters of PowerShell.
    pub parameters: &'static [Parameter],
    /// The properties of each output object; all are always present. Empty: no output.
    pub output: &'static [Property],
    /// The properties that a table shows when nobody chooses any: names of `output`. Empty where
    /// there is no output.
    pub display: &'static [&'static str],
    /// How it is called; at least one.
    pub examples: &'static [Example],
}

/// One call of a cmdlet, as it is typed in a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What is typed.
    pub line: &'static str,
    /// What it does, in one sentence.
    pub says: &'static str,
}

/// Who may call a cmdlet. An administrator may call every one; an auditor every one that only
/// reads ([`Cmdlet::only_reads`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Any account.
    Anyone,
    /// Any account, about itself: the parameter `User` (or `Trustee`) is left out or names the
    /// caller, and the output holds only what concerns the caller.
    Oneself,
    /// An owner of the group that `Identity` names.
    Owner,
    /// Auditors, and administrators.
    Auditor,
    /// Administrators alone.
    Administrator,
}

/// Whether the cmdlet has a built-in pause. The client's module then sends `Confirm:true` first;
/// the server validates without acting and answers with a confirmation message
/// ([`crate::invoke::Response::confirmation_message`]). A call without `Confirm` acts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Never asks by itself.
    None,
    /// Asks unless called with `-Confirm:$false`.
    AsksFirst,
}

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, in Exchange's spelling.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParameterKind,
    /// Whether a call without it is refused.
    pub is_mandatory: bool,
    /// Its place, from 1, when given without its name.
    pub position: Option<u8>,
    /// What it is for and what is taken, in a sentence or two.
    pub help: &'static str,
}

/// What a parameter holds, and which JSON is taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// A string; a number is taken as its digits. Null clears.
    Text,
    /// A password: a string in clear text, to be kept out of logs and audit.
    Secret,
    /// A string, an array of strings, an edit `{"add": …, "remove": …}`, or null to clear.
    TextList,
    /// `true`, `false`, and the strings `$true`, `$false`, `true`, `false`.
    Boolean,
    /// As Boolean, and usually sent as `true`; absent means off.
    Switch,
    /// A whole number ≥ 0, or its digits in a string.
    Integer,
    /// An Integer, or the word `Unlimited`.
    IntegerOrUnlimited,
    /// A date, or a date and time, in ISO 8601; UTC without an offset.
    Timestamp,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// One property of an output object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// Its name in the JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: PropertyKind,
    /// What it means; empty where the name says it.
    pub help: &'static str,
}

/// What a property holds in the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    /// A string.
    Text,
    /// A string or null.
    OptionalText,
    /// A UUID in lower-case text form.
    Guid,
    /// An array of strings, possibly empty.
    TextList,
    /// A boolean.
    Boolean,
    /// A boolean, or null for "not reached" or "not known".
    OptionalBoolean,
    /// A whole number.
    Integer,
    /// A string as [`crate::text::timestamp`] writes it.
    Timestamp,
    /// The same, or null.
    OptionalTimestamp,
    /// An array of objects with these properties.
    Objects(&'static [Property]),
}

/// The whole table, ordered by noun.
pub fn all() -> impl Iterator<Item = &'static Cmdlet> {
    cmdlets::TABLE.iter().flat_map(|part| part.iter())
}

/// The cmdlet with this name, whatever its case.
pub fn find(name: &str) -> Option<&'static Cmdlet> {
    all().find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name))
}

impl Cmdlet {
    /// Whether it changes nothing; told from its verb.
    pub fn only_reads(&self) -> bool {
        ["Get-", "Search-", "Test-"].iter().any(|verb| self.name.starts_with(verb))
    }

    /// The noun: what the cmdlet is about.
    pub fn noun(&self) -> &'static str {
        self.name.split_once('-').map_or("", |(_, noun)| noun)
    }

    /// The verb: what the cmdlet does.
    pub fn verb(&self) -> &'static str {
        self.name.split_once('-').map_or("", |(verb, _)| verb)
    }

    /// The parameter with this name, whatever its case.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// Checks what a caller passed: every name is known (or common to all cmdlets), every mandatory
    /// one is there, every value can be read as its kind. After this the getters of `parameters`
    /// succeed when they ask for the kind that stands in the table.
    pub fn check(&self, parameters: &Parameters) -> Result<(), Failure> {
        for name in parameters.names() {
            match self.parameter(name) {
                Some(known) => parameters.check_kind(known)?,
                None if text::is_common_parameter(name) => parameters.check_common(name)?,
                None => return Err(self.unknown_parameter(name)),
            }
        }
        if let Some(twice) = parameters.given_twice() {
            return Err(Failure::bad_parameter(twice, "it is given more than once."));
        }
        for known in self.parameters.iter().filter(|known| known.is_mandatory) {
            if !parameters.has_value(known.name) {
                return Err(Failure::missing_parameter(self.name, known.name));
            }
        }
        Ok(())
    }

    fn unknown_parameter(&self, name: &str) -> Failure {
        let near = text::nearest(name, self.parameters.iter().map(|known| known.name));
        Failure::unknown_parameter(self.name, name, &near)
    }

    /// What is wrong with an output object by this table: a missing, surplus or ill-typed
    /// property, each as a sentence. Empty when nothing is. For tests on both sides.
    pub fn output_faults(&self, object: &Object) -> Vec<String> {
        faults(self.output, object)
    }

    /// Adds OData's type annotations (`Name@odata.type`, `Name@data.type`) to an output object.
    pub fn annotate(&self, object: &mut Object) {
        for property in self.output {
            let marks: &[(&str, &str)] = match property.kind {
                PropertyKind::TextList => &[("@odata.type", "#Collection(String)")],
                PropertyKind::Guid => &[("@data.type", "System.Guid"), ("@odata.type", "#Guid")],
                PropertyKind::Timestamp => &[("@data.type", "System.DateTime")],
                PropertyKind::Text
                | PropertyKind::OptionalText
                | PropertyKind::Boolean
                | PropertyKind::OptionalBoolean
                | PropertyKind::Integer
                | PropertyKind::OptionalTimestamp
                | PropertyKind::Objects(_) => &[],
            };
            for (suffix, value) in marks {
                object.insert(format!("{}{suffix}", property.name), (*value).into());
            }
        }
    }
}

/// Takes every annotation (a property with `@` in its name) out of an object that a server sent.
pub fn strip_annotations(object: &mut Object) {
    object.retain(|name, _| !name.contains('@'));
}

fn faults(properties: &[Property], object: &Object) -> Vec<String> {
    let mut faults = Vec::new();
    for property in properties {
        match object.get(property.name) {
            None => faults.push(format!("{} is missing", property.name)),
            Some(value) => faults.extend(value_faults(property, value)),
        }
    }
    for name in object.keys().filter(|name| !name.contains('@')) {
        if !properties.iter().any(|property| property.name == name) {
            faults.push(format!("{name} is not in the table"));
        }
    }
    faults
}

fn value_faults(property: &Property, value: &Value) -> Vec<String> {
    if let PropertyKind::Objects(parts) = property.kind {
        let Some(items) = value.as_array() else {
            return vec![format!("{} is not an array", property.name)];
        };
        return items
            .iter()
            .flat_map(|item| match item.as_object() {
                Some(object) => faults(parts, object),
                None => vec![format!("{} holds something that is no object", property.name)],
            })
            .collect();
    }
    if property.kind.takes(value) {
        Vec::new()
    } else {
        vec![format!("{} holds {value}, which is no {:?}", property.name, property.kind)]
    }
}

impl PropertyKind {
    fn takes(self, value: &Value) -> bool {
        match self {
            PropertyKind::Text => value.is_string(),
            PropertyKind::OptionalText => value.is_string() || value.is_null(),
            PropertyKind::Guid => value.as_str().is_some_and(text::is_guid),
            PropertyKind::TextList => {
                value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
            }
            PropertyKind::Boolean => value.is_boolean(),
            PropertyKind::OptionalBoolean => value.is_boolean() || value.is_null(),
            PropertyKind::Integer => value.is_i64() || value.is_u64(),
            PropertyKind::Timestamp => is_timestamp(value),
            PropertyKind::OptionalTimestamp => value.is_null() || is_timestamp(value),
            PropertyKind::Objects(_) => value.is_array(),
        }
    }
}

fn is_timestamp(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text::parse_timestamp(text).is_some())
}

impl Example {
    /// An example.
    pub(crate) const fn new(line: &'static str, says: &'static str) -> Example {
        Example { line, says }
    }
}

impl ParameterKind {
    /// The type as PowerShell's help names it.
    pub fn type_name(self) -> &'static str {
        match self {
            ParameterKind::Text | ParameterKind::OneOf(_) => "String",
            ParameterKind::Secret => "String (secret)",
            ParameterKind::TextList => "String[]",
            ParameterKind::Boolean => "Boolean",
            ParameterKind::Switch => "SwitchParameter",
            ParameterKind::Integer => "UInt64",
            ParameterKind::IntegerOrUnlimited => "UInt64 or Unlimited",
            ParameterKind::Timestamp => "DateTime",
        }
    }
}

impl PropertyKind {
    /// The type as PowerShell's help names it.
    pub fn type_name(self) -> &'static str {
        match self {
            PropertyKind::Text => "String",
            PropertyKind::OptionalText => "String or null",
            PropertyKind::Guid => "Guid",
            PropertyKind::TextList => "String[]",
            PropertyKind::Boolean => "Boolean",
            PropertyKind::OptionalBoolean => "Boolean or null",
            PropertyKind::Integer => "Int64",
            PropertyKind::Timestamp => "DateTime",
            PropertyKind::OptionalTimestamp => "DateTime or null",
            PropertyKind::Objects(_) => "Object[]",
        }
    }
}

impl Caller {
    /// Who may, in words that go on after "May be called by".
    pub fn describe(self) -> &'static str {
        match self {
            Caller::Anyone => "any account",
            Caller::Oneself => {
                "any account about itself, auditors (to read) and administrators about everybody"
            }
            Caller::Owner => {
                "owners of the group in question, auditors (to read) and administrators"
            }
            Caller::Auditor => "auditors and administrators",
            Caller::Administrator => "administrators",
        }
    }
}

impl Parameter {
    /// A parameter that may be left out.
    pub(crate) const fn optional(name: &'static str, kind: ParameterKind) -> Parameter {
        Parameter { name, kind, is_mandatory: false, position: None, help: "" }
    }

    /// A parameter that must be there.
    pub(crate) const fn mandatory(name: &'static str, kind: ParameterKind) -> Parameter {
        Parameter { name, kind, is_mandatory: true, position: None, help: "" }
    }

    /// The same, also known by its place.
    pub(crate) const fn at(self, position: u8) -> Parameter {
        Parameter { position: Some(position), ..self }
    }

    /// The same with its help.
    pub(crate) const fn says(self, help: &'static str) -> Parameter {
        Parameter { help, ..self }
    }
}

impl Property {
    /// A property.
    pub(crate) const fn new(name: &'static str, kind: PropertyKind) -> Property {
        Property { name, kind, help: "" }
    }

    /// The same with its help.
    pub(crate) const fn says(self, help: &'static str) -> Property {
        Property { help, ..self }
    }
}

#[cfg(test)]
mod tests;
