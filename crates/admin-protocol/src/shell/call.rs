//! Calls of the server's cmdlets: values become JSON by the table, pipeline input becomes the
//! parameters that have a place, and what pauses asks first.

use serde_json::{Map, Value as Json};

use super::bind::{Binding, Bound};
use super::evaluate::{ErrorAction, Evaluator};
use super::fault::Fault;
use super::host::{Answer, Consent};
use super::source::Span;
use super::value::literal::brief;
use super::value::{Value, compare, json, same_name};
use crate::cmdlet::{Cmdlet, Parameter, ParameterKind, Pause};
use crate::parameters::Parameters;
use crate::text::timestamp;

/// What a command of one pipeline stage was answered for all that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Undecided,
    YesToAll,
    NoToAll,
}

/// One command while its input runs through it.
struct Call<'b> {
    cmdlet: &'static Cmdlet,
    binding: &'b Binding,
    standing: Standing,
    is_what_if: bool,
    asks: bool,
}

/// Calls a cmdlet once, or once for each input.
pub(super) fn run(
    cmdlet: &'static Cmdlet,
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let action = binding.error_action()?.unwrap_or_else(|| evaluator.error_action());
    let fixed = fixed_parameters(cmdlet, binding);
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(fault) => return evaluator.fail(fault, action).map(|()| Vec::new()),
    };
    let mut call = Call {
        cmdlet,
        binding,
        standing: Standing::Undecided,
        is_what_if: binding.switch("WhatIf"),
        asks: asks(cmdlet, evaluator, binding),
    };
    let items = match input {
        None => vec![None],
        Some(items) => items.into_iter().map(Some).collect(),
    };
    let mut output = Vec::new();
    for item in items {
        evaluator.go_on()?;
        let parameters = match &item {
            None => Ok(fixed.clone()),
            Some(item) => with_input(cmdlet, binding, fixed.clone(), item),
        };
        let done = parameters
            .and_then(|parameters| checked(cmdlet, binding, parameters))
            .and_then(|parameters| call.once(evaluator, parameters));
        match done {
            Ok(mut objects) => output.append(&mut objects),
            Err(fault) => evaluator.fail(fault, action)?,
        }
    }
    Ok(output)
}

/// Whether a person is asked before the call acts.
fn asks(cmdlet: &Cmdlet, evaluator: &Evaluator<'_>, binding: &Binding) -> bool {
    if cmdlet.only_reads() || !evaluator.host.asks() {
        return false;
    }
    match binding.bound("Confirm") {
        Some(confirm) => confirm.value.is_true(),
        None => {
            let preference = evaluator.variables.get("confirmpreference").map(Value::to_text);
            let is_off = preference.is_some_and(|text| text.eq_ignore_ascii_case("none"));
            cmdlet.pause == Pause::AsksFirst && !is_off
        }
    }
}

impl Call<'_> {
    fn once(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        parameters: Parameters,
    ) -> Result<Vec<Value>, Fault> {
        if self.is_what_if && !self.cmdlet.only_reads() {
            let answer = self.invoke(evaluator, parameters.clone().with("WhatIf", true))?;
            let question = answer.question.unwrap_or_else(|| self.question(&parameters));
            let line = format!("What if: {question}\n");
            evaluator
                .host
                .print(&line)
                .map_err(|refusal| Fault::refused(self.binding.span, refusal))?;
            return Ok(Vec::new());
        }
        if self.asks && self.standing == Standing::Undecided {
            match self.asked(evaluator, &parameters)? {
                Consent::Yes => {}
                Consent::YesToAll => self.standing = Standing::YesToAll,
                Consent::No => return Ok(Vec::new()),
                Consent::NoToAll => self.standing = Standing::NoToAll,
            }
        }
        if self.standing == Standing::NoToAll {
            return Ok(Vec::new());
        }
        let parameters = match self.cmdlet.pause {
            Pause::AsksFirst => parameters.with("Confirm", false),
            Pause::None => parameters,
        };
        let answer = self.invoke(evaluator, parameters)?;
        let cmdlet = self.cmdlet;
        Ok(answer.objects.iter().map(|object| json::from_server(cmdlet, object)).collect())
    }

    /// Asks the person, in the server's words where the cmdlet has a pause of its own: the first of
    /// two calls, which does nothing.
    fn asked(
        &self,
        evaluator: &mut Evaluator<'_>,
        parameters: &Parameters,
    ) -> Result<Consent, Fault> {
        let question = match self.cmdlet.pause {
            Pause::AsksFirst => {
                let parameters = parameters.clone().with("Confirm", true);
                self.invoke(evaluator, parameters)?.question
            }
            Pause::None => None,
        };
        let question = question.unwrap_or_else(|| self.question(parameters));
        Ok(evaluator.host.ask(&question))
    }

    /// Our own words, where the server has none.
    fn question(&self, parameters: &Parameters) -> String {
        let identity = parameters.value("Identity").and_then(Json::as_str);
        match identity {
            Some(identity) => format!("Performing {} on '{identity}'.", self.cmdlet.name),
            None => format!("Performing {}.", self.cmdlet.name),
        }
    }

    fn invoke(
        &self,
        evaluator: &mut Evaluator<'_>,
        parameters: Parameters,
    ) -> Result<Answer, Fault> {
        let answer = evaluator
            .host
            .invoke(self.cmdlet, parameters)
            .map_err(|refusal| Fault::refused(self.binding.span, refusal))?;
        if !silences(evaluator, self.binding) {
            for warning in &answer.warnings {
                evaluator.host.warn(warning);
            }
        }
        Ok(answer)
    }
}

/// Whether warnings are not wanted.
fn silences(evaluator: &Evaluator<'_>, binding: &Binding) -> bool {
    let action = binding
        .text("WarningAction")
        .or_else(|| evaluator.variables.get("warningpreference").map(Value::to_text));
    action.and_then(|action| ErrorAction::named(&action)) == Some(ErrorAction::SilentlyContinue)
}

/// The parameters that are the same for all input.
fn fixed_parameters(cmdlet: &Cmdlet, binding: &Binding) -> Result<Parameters, Fault> {
    let mut parameters = Parameters::new();
    for bound in binding.all() {
        // Common parameters are the shell's matter.
        let Some(known) = cmdlet.parameter(bound.name) else { continue };
        let value = to_json(known, bound)?;
        let is_empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        if is_empty && known.name == "Identity" {
            let text = "-Identity is empty; without a value it would mean all objects";
            return Err(Fault::meaning(bound.span, text)
                .with_hint("leave -Identity away where all objects are meant"));
        }
        parameters = parameters.with(known.name, value);
    }
    Ok(parameters)
}

/// Adds one input: its properties that are named like parameters with a place, or itself as the
/// first of these.
fn with_input(
    cmdlet: &Cmdlet,
    binding: &Binding,
    mut parameters: Parameters,
    item: &Value,
) -> Result<Parameters, Fault> {
    let span = binding.span;
    let mut placed: Vec<&Parameter> =
        cmdlet.parameters.iter().filter(|known| known.position.is_some()).collect();
    placed.sort_by_key(|known| known.position);
    let Some(first) = placed.first() else {
        return Err(Fault::meaning(span, format!("{} takes no pipeline input", cmdlet.name)));
    };
    if binding.bound(first.name).is_some() {
        let text = format!("-{} is given, and the pipeline gives it too", first.name);
        return Err(Fault::meaning(binding.span_of(first.name), text));
    }
    for known in &placed {
        let value = match item {
            Value::Object(object) => object.property(known.name),
            Value::Table(entries) => super::value::lookup(entries, known.name),
            _ if known.name == first.name => Some(item),
            _ => None,
        };
        let is_given = binding.bound(known.name).is_some();
        match value {
            Some(value) if !is_given && !matches!(value, Value::Null) => {
                let bound = Bound { name: known.name, value: value.clone(), span };
                parameters = parameters.with(known.name, to_json(known, &bound)?);
            }
            _ => {}
        }
    }
    if !parameters.has_value(first.name) {
        let text = format!("the pipeline gives {} without {}", item.kind_name(), first.name);
        return Err(Fault::meaning(span, text));
    }
    Ok(parameters)
}

/// Checks the whole call by the table before anything is sent.
fn checked(
    cmdlet: &Cmdlet,
    binding: &Binding,
    parameters: Parameters,
) -> Result<Parameters, Fault> {
    let missing: Vec<String> = cmdlet
        .parameters
        .iter()
        .filter(|known| known.is_mandatory && !parameters.has_value(known.name))
        .map(|known| format!("-{}", known.name))
        .collect();
    if !missing.is_empty() {
        let text = format!("{} needs {}", cmdlet.name, missing.join(" and "));
        return Err(
            Fault::meaning(binding.span, text).with_hint(super::builtin::help::syntax(cmdlet))
        );
    }
    match cmdlet.check(&parameters) {
        Ok(()) => Ok(parameters),
        Err(failure) => {
            let at_fault =
                binding.all().iter().find(|bound| same_name(bound.name, &failure.target));
            Err(Fault::meaning(at_fault.map_or(binding.span, |bound| bound.span), failure.text))
        }
    }
}

fn to_json(known: &Parameter, bound: &Bound) -> Result<Json, Fault> {
    let wrong = |what: &str| {
        let text = format!("-{} wants {what}, not {}", known.name, brief(&bound.value));
        Err(Fault::meaning(bound.span, text))
    };
    let value = &bound.value;
    match known.kind {
        ParameterKind::Text | ParameterKind::Secret => match one_text(value) {
            Some(text) => Ok(text),
            None => wrong("one text"),
        },
        ParameterKind::TextList => match value {
            Value::Table(entries) => edit(known, entries, bound.span),
            Value::List(items) => match items.iter().map(one_text).collect::<Option<Vec<_>>>() {
                Some(items) => Ok(Json::Array(items)),
                None => wrong("texts"),
            },
            single => one_text(single).map_or_else(|| wrong("a text, several, or an edit"), Ok),
        },
        ParameterKind::Boolean | ParameterKind::Switch => match value {
            Value::Boolean(value) => Ok(Json::Bool(*value)),
            Value::Integer(number @ (0 | 1)) => Ok(Json::Bool(*number == 1)),
            Value::Text(text) if text.eq_ignore_ascii_case("true") => Ok(Json::Bool(true)),
            Value::Text(text) if text.eq_ignore_ascii_case("false") => Ok(Json::Bool(false)),
            _ => wrong("$true or $false"),
        },
        ParameterKind::Integer => match compare::to_number(value) {
            Some(Value::Integer(number)) if number >= 0 && value.is_given() => {
                Ok(Json::from(number))
            }
            _ => wrong("a whole number"),
        },
        ParameterKind::IntegerOrUnlimited => match (value.as_text(), compare::to_number(value)) {
            (Some(text), _) if text.eq_ignore_ascii_case("unlimited") => Ok("Unlimited".into()),
            (_, Some(Value::Integer(number))) if number >= 0 && value.is_given() => {
                Ok(Json::from(number))
            }
            _ => wrong("a whole number or Unlimited"),
        },
        ParameterKind::Timestamp => match (value, compare::to_time(value)) {
            (_, Some(at)) => Ok(Json::String(timestamp(at))),
            (Value::Null, None) => Ok(Json::Null),
            _ => wrong("a date, such as 2027-01-31 or 2027-01-31T18:00:00Z"),
        },
        ParameterKind::OneOf(words) => {
            let text = match value {
                Value::List(items) if items.len() == 1 => items[0].to_text(),
                other => other.to_text(),
            };
            match words.iter().find(|word| word.eq_ignore_ascii_case(&text)) {
                Some(word) => Ok((*word).into()),
                None => wrong(&format!("one of {}", words.join(", "))),
            }
        }
    }
}

impl Value {
    /// Whether it is more than null and the empty text, which read as 0.
    fn is_given(&self) -> bool {
        !matches!(self, Value::Null) && self.as_text().is_none_or(|text| !text.trim().is_empty())
    }
}

/// One text: of an object its identity.
fn one_text(value: &Value) -> Option<Json> {
    match value {
        Value::Null => Some(Json::Null),
        Value::Text(_) | Value::Login(_) | Value::Integer(_) | Value::Decimal(_) => {
            Some(Json::String(value.to_text()))
        }
        Value::Time(at) => Some(Json::String(timestamp(*at))),
        Value::Object(object) => {
            object.property("Identity").and_then(Value::as_text).map(Json::from)
        }
        Value::List(items) => match items.as_slice() {
            [single] => one_text(single),
            _ => None,
        },
        Value::Boolean(_) | Value::Table(_) | Value::Block(_) | Value::Layout(_) => None,
    }
}

/// `@{Add='a'; Remove='b','c'}`
fn edit(known: &Parameter, entries: &[(String, Value)], span: Span) -> Result<Json, Fault> {
    let mut table = Map::new();
    table.insert("@odata.type".to_owned(), "#Exchange.GenericHashTable".into());
    for (key, value) in entries {
        let key = match key.to_ascii_lowercase().as_str() {
            "add" => "add",
            "remove" => "remove",
            _ => {
                let text = format!("-{}: '{key}' is neither Add nor Remove", known.name);
                return Err(Fault::meaning(span, text));
            }
        };
        let items: Option<Vec<Json>> = value.clone().into_items().iter().map(one_text).collect();
        let Some(items) = items else {
            let text = format!("-{}: {key} wants texts", known.name);
            return Err(Fault::meaning(span, text));
        };
        table.insert(key.to_owned(), Json::Array(items));
    }
    Ok(Json::Object(table))
}
