//! Binds what a command is given to its parameters: by name, by an unambiguous beginning of a name,
//! by place. The same for cmdlets of the server and for the shell's own.

use super::builtin::{self, BuiltIn};
use super::evaluate::ErrorAction;
use super::fault::Fault;
use super::source::Span;
use super::syntax::Command;
use super::value::Value;
use super::value::literal::brief;
use crate::cmdlet::{self, Cmdlet, ParameterKind};
use crate::text::{self, COMMON_SWITCHES, COMMON_VALUES};

/// Something a command is given, evaluated.
#[derive(Debug, Clone)]
pub(super) enum Given {
    /// `-Name`
    Name { name: String, span: Span },
    /// What stands after the colon of the name before it.
    Attached { value: Value, span: Span },
    /// A value of its own.
    Value { value: Value, span: Span },
}

/// What is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    /// The shell itself does it.
    BuiltIn(&'static BuiltIn),
    /// The server does it.
    Server(&'static Cmdlet),
}

/// A parameter, as far as binding needs to know it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it stands alone: present means true.
    pub(super) is_switch: bool,
    /// Its place, from 1.
    pub(super) position: Option<u8>,
}

/// Short names of parameters that every command has.
const COMMON_ALIASES: [(&str, &str); 6] = [
    ("ea", "ErrorAction"),
    ("wa", "WarningAction"),
    ("cf", "Confirm"),
    ("wi", "WhatIf"),
    ("vb", "Verbose"),
    ("db", "Debug"),
];

/// A parameter that got a value.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// The value, or the name where it stands alone.
    pub(super) span: Span,
}

/// All that a command was given.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    /// Where the command's name is.
    pub(super) span: Span,
    /// The command's name as spelt.
    pub(super) name: String,
    bound: Vec<Bound>,
    /// Values that are no parameter's, where the command takes those.
    pub(super) rest: Vec<Value>,
    /// Names of parameters that the command takes and ignores.
    pub(super) ignored: Vec<String>,
}

impl Caller {
    /// What a command's name means.
    pub(super) fn find(command: &Command) -> Result<Caller, Fault> {
        if let Some(known) = builtin::find(&command.name) {
            return Ok(Caller::BuiltIn(known));
        }
        if let Some(known) = cmdlet::find(&command.name) {
            return Ok(Caller::Server(known));
        }
        let names = cmdlet::all().map(|known| known.name).chain(builtin::names());
        let near = text::nearest(&command.name, names);
        let name = &command.name;
        let fault = Fault::meaning(command.name_span, format!("{name} is no cmdlet."));
        Err(match near.as_slice() {
            [] => fault.with_hint("Get-Command lists them; Get-Command *permission* finds some"),
            near => fault.with_nearest(near),
        })
    }

    pub(super) fn slots(self) -> Vec<Slot> {
        match self {
            Caller::BuiltIn(known) => known.slots.to_vec(),
            Caller::Server(cmdlet) => cmdlet
                .parameters
                .iter()
                .map(|parameter| Slot {
                    name: parameter.name,
                    is_switch: parameter.kind == ParameterKind::Switch,
                    position: parameter.position,
                })
                .collect(),
        }
    }

    fn takes_anything(self) -> bool {
        matches!(self, Caller::BuiltIn(known) if known.takes_anything)
    }

    fn takes_rest(self) -> bool {
        matches!(self, Caller::BuiltIn(known) if known.takes_rest)
    }
}

impl Binding {
    /// Binds what was given.
    pub(super) fn of(
        caller: Caller,
        command: &Command,
        given: Vec<Given>,
    ) -> Result<Binding, Fault> {
        let mut binding = Binding {
            span: command.name_span,
            name: command.name.clone(),
            bound: Vec::new(),
            rest: Vec::new(),
            ignored: Vec::new(),
        };
        let slots = caller.slots();
        let mut loose: Vec<(Value, Span)> = Vec::new();
        let mut given = given.into_iter().peekable();
        while let Some(next) = given.next() {
            match next {
                Given::Value { value, span } | Given::Attached { value, span } => {
                    loose.push((value, span));
                }
                Given::Name { name, span } => {
                    let slot = match find_slot(&slots, &name, &command.name, span) {
                        Ok(slot) => slot,
                        Err(_) if caller.takes_anything() => {
                            given.next_if(|next| !matches!(next, Given::Name { .. }));
                            binding.ignored.push(name);
                            continue;
                        }
                        Err(fault) => return Err(fault),
                    };
                    let value = match given.peek() {
                        Some(Given::Attached { .. }) => given.next(),
                        Some(Given::Value { .. }) if !slot.is_switch => given.next(),
                        _ => None,
                    };
                    binding.bind(slot, value, span)?;
                }
            }
        }
        binding.place(caller, &slots, loose)?;
        Ok(binding)
    }

    fn bind(&mut self, slot: Slot, given: Option<Given>, name_span: Span) -> Result<(), Fault> {
        let name = slot.name;
        if self.bound.iter().any(|bound| bound.name == name) {
            return Err(Fault::meaning(name_span, format!("-{name} is there twice")));
        }
        let bound = match given {
            Some(Given::Attached { value, span } | Given::Value { value, span }) => {
                Bound { name, value, span }
            }
            _ if slot.is_switch => Bound { name, value: Value::Boolean(true), span: name_span },
            _ => return Err(Fault::meaning(name_span, format!("-{name} needs a value"))),
        };
        self.bound.push(bound);
        Ok(())
    }

    /// Gives values without a name to the places that are free.
    fn place(
        &mut self,
        caller: Caller,
        slots: &[Slot],
        loose: Vec<(Value, Span)>,
    ) -> Result<(), Fault> {
        let mut free: Vec<&Slot> = slots
            .iter()
            .filter(|slot| slot.position.is_some())
            .filter(|slot| !self.bound.iter().any(|bound| bound.name == slot.name))
            .collect();
        free.sort_by_key(|slot| slot.position);
        let mut free = free.into_iter();
        for (value, span) in loose {
            if let Some(slot) = free.next() {
                self.bound.push(Bound { name: slot.name, value, span });
            } else if caller.takes_rest() {
                self.rest.push(value);
            } else if !caller.takes_anything() {
                return Err(self.surplus(&value, span));
            }
        }
        Ok(())
    }

    fn surplus(&self, value: &Value, span: Span) -> Fault {
        let text = format!("{} belongs to no parameter of {}.", brief(value), self.name);
        let fault = Fault::meaning(span, text);
        // `-Confirm $false` instead of `-Confirm:$false`.
        let before = self
            .bound
            .iter()
            .rev()
            .find(|bound| bound.span.end < span.start && bound.span.end + 3 > span.start);
        match (value, before) {
            (Value::Boolean(value), Some(bound)) => {
                let value = if *value { "$true" } else { "$false" };
                fault.with_hint(format!(
                    "a switch takes its value with a colon: -{}:{value}",
                    bound.name
                ))
            }
            _ => {
                fault.with_hint(format!("name the parameter; `Get-Help {}` shows them", self.name))
            }
        }
    }

    /// What a parameter got.
    pub(super) fn bound(&self, name: &str) -> Option<&Bound> {
        self.bound.iter().find(|bound| bound.name == name)
    }

    /// The value that a parameter got.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.bound(name).map(|bound| &bound.value)
    }

    /// The text that a parameter got.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(Value::to_text)
    }

    /// Whether a switch is on.
    pub(super) fn switch(&self, name: &str) -> bool {
        self.value(name).is_some_and(Value::is_true)
    }

    /// A whole number ≥ 0.
    pub(super) fn count(&self, name: &'static str) -> Result<Option<usize>, Fault> {
        let Some(bound) = self.bound(name) else { return Ok(None) };
        let number = match super::value::compare::to_number(&bound.value) {
            Some(Value::Integer(number)) => usize::try_from(number).ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| {
            let text = format!("-{name} wants a whole number, not {}", brief(&bound.value));
            Fault::meaning(bound.span, text)
        })
    }

    /// The items that a parameter got; a single value is a list of one.
    pub(super) fn items(&self, name: &str) -> Vec<Value> {
        self.value(name).map(|value| value.clone().into_items()).unwrap_or_default()
    }

    /// What came through the pipeline, or as `-InputObject`, as one text of lines.
    pub(super) fn input_text(&self, input: Option<Vec<Value>>) -> String {
        let lines = input.unwrap_or_else(|| self.items("InputObject"));
        lines.iter().map(Value::to_text).collect::<Vec<_>>().join("\n")
    }

    /// Where a parameter's value is, or else the command's name.
    pub(super) fn span_of(&self, name: &str) -> Span {
        self.bound(name).map_or(self.span, |bound| bound.span)
    }

    /// All that were bound.
    pub(super) fn all(&self) -> &[Bound] {
        &self.bound
    }

    /// `-ErrorAction`
    pub(super) fn error_action(&self) -> Result<Option<ErrorAction>, Fault> {
        let Some(bound) = self.bound("ErrorAction") else { return Ok(None) };
        let named = ErrorAction::named(&bound.value.to_text());
        named.map(Some).ok_or_else(|| {
            let text = format!("{} is no error action", brief(&bound.value));
            Fault::meaning(bound.span, text).with_hint("Continue, SilentlyContinue or Stop")
        })
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, name: &'static str) -> Result<String, Fault> {
        match self.text(name) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Fault::meaning(self.span_of(name), format!("{} needs -{name}", self.name))),
        }
    }
}

/// The parameter that a name means: the whole name, else the only one that begins so. The
/// command's own come before those that all have.
pub(super) fn find_slot(
    slots: &[Slot],
    name: &str,
    command: &str,
    span: Span,
) -> Result<Slot, Fault> {
    let common: Vec<Slot> = COMMON_SWITCHES
        .iter()
        .map(|name| Slot { name, is_switch: true, position: None })
        .chain(COMMON_VALUES.iter().map(|name| Slot { name, is_switch: false, position: None }))
        .collect();
    let name = COMMON_ALIASES
        .iter()
        .find(|(alias, _)| alias.eq_ignore_ascii_case(name))
        .map_or(name, |(_, whole)| whole);
    if let Some(slot) =
        slots.iter().chain(&common).find(|slot| slot.name.eq_ignore_ascii_case(name))
    {
        return Ok(*slot);
    }
    for group in [slots, &common] {
        let beginning: Vec<&Slot> = group
            .iter()
            .filter(|slot| {
                slot.name.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
            })
            .collect();
        match beginning.as_slice() {
            [] => {}
            [single] => return Ok(**single),
            several => {
                let names: Vec<String> =
                    several.iter().map(|slot| format!("-{}", slot.name)).collect();
                let text = format!("-{name} could be {}", names.join(", "));
                return Err(Fault::meaning(span, text).with_hint("write more of the name"));
            }
        }
    }
    let near = text::nearest(name, slots.iter().map(|slot| slot.name));
    let near: Vec<String> = near.iter().map(|name| format!("-{name}")).collect();
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    let text = format!("{command} has no parameter -{name}.");
    let fault = Fault::meaning(span, text);
    Err(if near.is_empty() {
        fault.with_hint(format!("`Get-Help {command}` shows its parameters"))
    } else {
        fault.with_nearest(&near)
    })
}

#[cfg(test)]
mod tests {
    //! The common parameters here and in the protocol are the same ones.

    use super::*;

    #[test]
    fn common_parameters_are_known_to_the_protocol() {
        for name in COMMON_SWITCHES.iter().chain(&COMMON_VALUES) {
            assert!(text::is_common_parameter(name), "{name}");
        }
    }
}
