//! The parameters of a call, read leniently as Exchange reads them: names in any case, single
//! values where lists are expected, `"$true"` for true, hashtable edits.
//!
//! A getter answers `Ok(None)` when the parameter is absent, and a [`Failure`] that names the
//! parameter when its value cannot be read. A value of null counts as "clear": as an empty text,
//! or a list replaced by nothing.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cmdlet::{Parameter, ParameterKind};
use crate::failure::Failure;
use crate::text;

/// The parameters of one call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(Map<String, Value>);

/// A list parameter: replaced as a whole, or edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEdit {
    /// The list is this now.
    Replace(Vec<String>),
    /// These come in and those go out; removing comes first.
    Change {
        /// What comes in.
        add: Vec<String>,
        /// What goes out.
        remove: Vec<String>,
    },
}

impl ListEdit {
    /// The list after the edit. `same` tells whether two values are the same one.
    pub fn apply(&self, current: &[String], same: impl Fn(&str, &str) -> bool) -> Vec<String> {
        match self {
            ListEdit::Replace(list) => list.clone(),
            ListEdit::Change { add, remove } => {
                let mut list: Vec<String> = current
                    .iter()
                    .filter(|value| !remove.iter().any(|gone| same(gone, value)))
                    .cloned()
                    .collect();
                for value in add {
                    if !list.iter().any(|there| same(there, value)) {
                        list.push(value.clone());
                    }
                }
                list
            }
        }
    }
}

/// How many results a caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultSize {
    /// All of them.
    Unlimited,
    /// At most so many.
    AtMost(u64),
}

impl Parameters {
    /// None yet.
    pub fn new() -> Parameters {
        Parameters::default()
    }

    /// The same with one more, for a client that builds a call.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Parameters {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The same with one more when there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Parameters {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same with one more when the list is not empty.
    #[must_use]
    pub fn with_list(self, name: &str, values: &[String]) -> Parameters {
        if values.is_empty() { self } else { self.with(name, values.to_vec()) }
    }

    /// The same with an edit of a list, when it edits something.
    #[must_use]
    pub fn with_edit(self, name: &str, add: &[String], remove: &[String]) -> Parameters {
        if add.is_empty() && remove.is_empty() {
            return self;
        }
        let edit = serde_json::json!({
            "@odata.type": "#Exchange.GenericHashTable",
            "add": add,
            "remove": remove,
        });
        self.with(name, edit)
    }

    /// The names that were passed, as spelt.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether nothing was passed but common parameters and `Identity`: for Set- cmdlets that have
    /// nothing to set.
    pub fn sets_nothing(&self) -> bool {
        self.names()
            .all(|name| name.eq_ignore_ascii_case("Identity") || text::is_common_parameter(name))
    }

    /// The parameter's value as it came.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether the parameter is there with something in it.
    pub fn has_value(&self, name: &str) -> bool {
        match self.value(name) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => true,
        }
    }

    /// A text, without white space around it. Null reads as the empty text.
    pub fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => scalar_text(name, value).map(Some),
        }
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&self, name: &str) -> Result<String, Failure> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Failure::bad_parameter(name, "it must not be empty.")),
        }
    }

    /// A password, unchanged.
    pub fn secret(&self, name: &str) -> Result<Option<String>, Failure> {
        match self.value(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Failure::bad_parameter(name, "a password is expected, as a string.")),
        }
    }

    /// A list given as one value, several, or a hashtable edit. Null clears.
    pub fn list_edit(&self, name: &str) -> Result<Option<ListEdit>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let Value::Object(table) = value else {
            return Ok(Some(ListEdit::Replace(texts(name, value)?)));
        };
        let mut add = Vec::new();
        let mut remove = Vec::new();
        for (key, value) in table.iter().filter(|(key, _)| !key.contains('@')) {
            if key.eq_ignore_ascii_case("add") {
                add = texts(name, value)?;
            } else if key.eq_ignore_ascii_case("remove") {
                remove = texts(name, value)?;
            } else {
                let why = format!("'{key}' is not one of the keys Add and Remove.");
                return Err(Failure::bad_parameter(name, &why));
            }
        }
        Ok(Some(ListEdit::Change { add, remove }))
    }

    /// A list that cannot be edited, only given; absent reads as empty.
    pub fn text_list(&self, name: &str) -> Result<Vec<String>, Failure> {
        match self.list_edit(name)? {
            None => Ok(Vec::new()),
            Some(ListEdit::Replace(list)) => Ok(list),
            Some(ListEdit::Change { add, remove }) if remove.is_empty() => Ok(add),
            Some(ListEdit::Change { .. }) => {
                Err(Failure::bad_parameter(name, "there is nothing to remove from."))
            }
        }
    }

    /// A boolean, or a switch that was given a value.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let read = match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "$true" | "1" => Some(true),
                "false" | "$false" | "0" => Some(false),
                _ => None,
            },
            Value::Number(number) => match number.as_u64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            // A serialised SwitchParameter.
            Value::Object(table) => table.get("IsPresent").and_then(Value::as_bool),
            Value::Null | Value::Array(_) => None,
        };
        match read {
            Some(value) => Ok(Some(value)),
            None => Err(Failure::bad_parameter(name, "$true or $false is expected.")),
        }
    }

    /// A switch: absent means off.
    pub fn switch(&self, name: &str) -> Result<bool, Failure> {
        Ok(self.boolean(name)?.unwrap_or(false))
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(value) = self.value(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        whole_number(value)
            .map(Some)
            .ok_or_else(|| Failure::bad_parameter(name, "a whole number is expected."))
    }

    /// A whole number or `Unlimited`.
    pub fn integer_or_unlimited(&self, name: &str) -> Result<Option<ResultSize>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        if value.as_str().is_some_and(|text| text.trim().eq_ignore_ascii_case("unlimited")) {
            return Ok(Some(ResultSize::Unlimited));
        }
        match whole_number(value) {
            Some(number) => Ok(Some(ResultSize::AtMost(number))),
            None => Err(Failure::bad_parameter(name, "a whole number or 'Unlimited' is expected.")),
        }
    }

    /// A point in time in ISO 8601; UTC where no offset is given. Null and the empty text read as
    /// absent.
    pub fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, Failure> {
        match self.text(name)? {
            Some(value) if !value.is_empty() => match text::parse_timestamp(&value) {
                Some(at) => Ok(Some(at)),
                None => Err(Failure::bad_parameter(
                    name,
                    "a date is expected, such as 2027-01-31 or 2027-01-31T18:00:00Z.",
                )),
            },
            _ => Ok(None),
        }
    }

    /// One of several words, in the spelling of the table. An array of one is taken for its word,
    /// as PowerShell sends `AccessRights`.
    pub fn one_of(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let given = match value {
            Value::Array(items) if items.len() == 1 => scalar_text(name, &items[0])?,
            _ => scalar_text(name, value)?,
        };
        match words.iter().find(|word| word.eq_ignore_ascii_case(&given)) {
            Some(word) => Ok(Some(word)),
            None => {
                let why = format!("'{given}' is not one of {}.", words.join(", "));
                Err(Failure::bad_parameter(name, &why))
            }
        }
    }

    /// Whether the caller wants to be asked first: `Confirm:true`.
    pub fn asks_confirmation(&self) -> bool {
        self.switch("Confirm").unwrap_or(false)
    }

    /// Whether the caller only wants to know what would happen: `WhatIf`.
    pub fn is_what_if(&self) -> bool {
        self.switch("WhatIf").unwrap_or(false)
    }

    /// Checks a common parameter: one of the two that decide whether to act must be readable, lest
    /// a call that wanted to be asked acts.
    pub(crate) fn check_common(&self, name: &str) -> Result<(), Failure> {
        let decides = ["Confirm", "WhatIf"].iter().any(|known| known.eq_ignore_ascii_case(name));
        if decides { self.boolean(name).map(drop) } else { Ok(()) }
    }

    /// A parameter that is there twice, in two spellings.
    pub(crate) fn given_twice(&self) -> Option<&str> {
        let names: Vec<&str> = self.names().collect();
        let mut later = names.iter().enumerate();
        later
            .find(|(place, name)| names[..*place].iter().any(|n| n.eq_ignore_ascii_case(name)))
            .map(|(_, name)| *name)
    }

    /// Checks that the value can be read as its kind.
    pub(crate) fn check_kind(&self, known: &Parameter) -> Result<(), Failure> {
        let name = known.name;
        match known.kind {
            ParameterKind::Text => self.text(name).map(drop),
            ParameterKind::Secret => self.secret(name).map(drop),
            ParameterKind::TextList => self.list_edit(name).map(drop),
            ParameterKind::Boolean | ParameterKind::Switch => self.boolean(name).map(drop),
            ParameterKind::Integer => self.integer(name).map(drop),
            ParameterKind::IntegerOrUnlimited => self.integer_or_unlimited(name).map(drop),
            ParameterKind::Timestamp => self.timestamp(name).map(drop),
            ParameterKind::OneOf(words) => self.one_of(name, words).map(drop),
        }
    }
}

fn scalar_text(name: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(Failure::bad_parameter(name, "one text is expected."))
        }
    }
}

fn texts(name: &str, value: &Value) -> Result<Vec<String>, Failure> {
    let list = match value {
        Value::Array(items) => {
            items.iter().map(|item| scalar_text(name, item)).collect::<Result<Vec<_>, _>>()?
        }
        single => vec![scalar_text(name, single)?],
    };
    Ok(list.into_iter().filter(|text| !text.is_empty()).collect())
}

fn whole_number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

#[cfg(test)]
mod tests;
