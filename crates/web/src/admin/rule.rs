//! `*-TransportRule` and `*-JournalRule`.

use admin_protocol::cmdlet::{Object, ParameterKind};
use admin_protocol::failure::Failure;
use admin_protocol::parameters::ListEdit;
use admin_protocol::shell::value::{Value as Shown, literal};
use admin_protocol::text::timestamp;
use app::command::{Command, Intent, RuleChanges, RuleKind, RuleOrder, find_rule};
use app::read::rule_version;
use app::rules::RehearsedMail;
use app::rules::settings::{self, ACTIONS, CONDITIONS, EXCEPT_IF, Settings, transport_parameters};
use domain::Directory;
use domain::rules::{JournalRule, Mode, RuleResult, SenderAddressLocation, TransportRule};
use serde_json::{Value, json};

use super::call::{Answer, Call, object, warnings};
use super::object::optional_timestamp;
use super::size;

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let kind = match call.cmdlet.noun() {
        "TransportRule" => RuleKind::Transport,
        _ => RuleKind::Journal,
    };
    let switch = |is_enabled| RuleChanges { is_enabled: Some(is_enabled), ..Default::default() };
    match call.cmdlet.verb() {
        "Get" => list(call, kind),
        "Test" => rehearse(call),
        "New" => order(call, kind, RuleOrder::Create(changes(call, kind)?)).await,
        "Set" => set(call, kind, changes(call, kind)?).await,
        "Enable" => set(call, kind, switch(true)).await,
        "Disable" => set(call, kind, switch(false)).await,
        _ => {
            let gone = RuleOrder::Remove(call.parameters.required_text("Identity")?);
            call.order_silently(Command::Rule { kind, order: Box::new(gone) }).await
        }
    }
}

async fn set(call: &Call<'_>, kind: RuleKind, changes: RuleChanges) -> Result<Answer, Failure> {
    let identity = call.parameters.required_text("Identity")?;
    order(call, kind, RuleOrder::Set { identity, changes }).await
}

/// Gives an order and answers with the rule as it is afterwards.
async fn order(call: &Call<'_>, kind: RuleKind, order: RuleOrder) -> Result<Answer, Failure> {
    let name = match &order {
        RuleOrder::Create(RuleChanges { name, .. })
        | RuleOrder::Set { changes: RuleChanges { name: name @ Some(_), .. }, .. } => name.clone(),
        RuleOrder::Set { identity, .. } | RuleOrder::Remove(identity) => Some(identity.clone()),
    };
    let outcome = call.order(Command::Rule { kind, order: Box::new(order) }).await?;
    let objects = match call.intent {
        Intent::CarryOut => find(&call.app.directory(), kind, &name.unwrap_or_default()),
        Intent::Check => None,
    };
    let objects = objects.into_iter().collect();
    Ok(Answer { objects, warnings: warnings(&outcome), ..Answer::default() })
}

fn list(call: &Call<'_>, kind: RuleKind) -> Result<Answer, Failure> {
    let directory = call.app.directory();
    if let Some(identity) = call.parameters.text("Identity")?.filter(|text| !text.is_empty()) {
        let found = find(&directory, kind, &identity);
        let found = found.ok_or_else(|| call.not_found(&identity))?;
        return Ok(Answer::of(vec![found]));
    }
    let Some(rules) = directory.rules() else { return Ok(Answer::default()) };
    if kind == RuleKind::Journal {
        return Ok(Answer::of(rules.journal.iter().map(|it| journal(&directory, it)).collect()));
    }
    let wanted = call.parameters.text("State")?.filter(|text| !text.is_empty());
    let placed = rules.transport.iter().enumerate();
    let shown = placed
        .filter(|(_, rule)| {
            wanted.as_ref().is_none_or(|state| state.eq_ignore_ascii_case(state_of(rule)))
        })
        .map(|(place, rule)| transport(&directory, place, rule));
    Ok(Answer::of(shown.collect()))
}

fn find(directory: &Directory, kind: RuleKind, identity: &str) -> Option<Object> {
    let rules = directory.rules()?;
    match kind {
        RuleKind::Transport => {
            let rule = find_rule(&rules.transport, identity)?;
            let place = rules.transport.iter().position(|of| of.id == rule.id)?;
            Some(transport(directory, place, rule))
        }
        RuleKind::Journal => Some(journal(directory, find_rule(&rules.journal, identity)?)),
    }
}

fn state_of(rule: &TransportRule) -> &'static str {
    if rule.is_enabled { "Enabled" } else { "Disabled" }
}

fn transport(directory: &Directory, place: usize, rule: &TransportRule) -> Object {
    let body = &rule.body;
    let said = settings::of_transport(directory, body);
    let exceptions = CONDITIONS.iter().map(|name| format!("{EXCEPT_IF}{name}"));
    object(json!({
        "Identity": rule.name,
        "Name": rule.name,
        "Guid": rule.guid,
        "Priority": place,
        "State": state_of(rule),
        "Mode": match body.mode { Mode::Enforce => "Enforce", Mode::Audit => "Audit" },
        "Comments": body.comments,
        "Conditions": lines(&said, CONDITIONS.iter().map(|name| (*name).to_owned())),
        "Exceptions": lines(&said, exceptions),
        "Actions": lines(&said, ACTIONS.iter().map(|name| (*name).to_owned())),
        "StopRuleProcessing": body.stops_processing,
        "SenderAddressLocation": match body.sender_address_location {
            SenderAddressLocation::Header => "Header",
            SenderAddressLocation::Envelope => "Envelope",
            SenderAddressLocation::HeaderOrEnvelope => "HeaderOrEnvelope",
        },
        "ActivationDate": optional_timestamp(body.activation_at),
        "ExpiryDate": optional_timestamp(body.expiry_at),
        "Command": command(RuleKind::Transport, &rule.name, rule.is_enabled, &said),
        "CreatedBy": rule.created_by,
        "LastModifiedBy": rule.changed_by,
        "WhenChanged": timestamp(rule.changed_at),
        "ObjectVersion": rule_version(directory, RuleKind::Transport, &rule.guid),
    }))
}

fn journal(directory: &Directory, rule: &JournalRule) -> Object {
    let said = settings::of_journal(directory, &rule.body);
    let one = |name: &str| said.get(name).and_then(|values| values.first());
    object(json!({
        "Identity": rule.name,
        "Name": rule.name,
        "Guid": rule.guid,
        "JournalEmailAddress": one("JournalEmailAddress"),
        "Recipient": one("Recipient"),
        "Scope": rule.body.scope.as_str(),
        "Enabled": rule.is_enabled,
        "Command": command(RuleKind::Journal, &rule.name, rule.is_enabled, &said),
        "WhenChanged": timestamp(rule.changed_at),
        "ObjectVersion": rule_version(directory, RuleKind::Journal, &rule.guid),
    }))
}

/// What is set of these parameters, each on a line.
pub(crate) fn lines(said: &Settings, names: impl Iterator<Item = String>) -> Vec<String> {
    names
        .filter_map(|name| said.get(&name).map(|values| format!("{name}: {}", values.join(", "))))
        .collect()
}

/// The cmdlet that writes a rule.
pub(crate) fn command(kind: RuleKind, name: &str, is_enabled: bool, said: &Settings) -> String {
    let (noun, names, usual): (_, Vec<String>, _) = match kind {
        RuleKind::Transport => ("TransportRule", transport_parameters().collect(), true),
        RuleKind::Journal => (
            "JournalRule",
            settings::JOURNAL.iter().map(|name| (*name).to_owned()).collect(),
            false,
        ),
    };
    let mut line = format!("New-{noun} {}", quoted(name));
    for parameter in names {
        let Some(values) = said.get(&parameter) else { continue };
        let written: Vec<String> = values
            .iter()
            .map(|value| match value.as_str() {
                "true" => "$true".to_owned(),
                value => quoted(value),
            })
            .collect();
        line.push_str(&format!(" -{parameter} {}", written.join(",")));
    }
    if is_enabled != usual {
        line.push_str(&format!(" -Enabled ${is_enabled}"));
    }
    line
}

/// A text as the shell reads it.
pub(crate) fn quoted(text: &str) -> String {
    literal(&Shown::Text(text.into()))
}

/// What a call says about a rule.
fn changes(call: &Call<'_>, kind: RuleKind) -> Result<RuleChanges, Failure> {
    let parameters = &call.parameters;
    let is_known = |name: &str| call.cmdlet.parameter(name).is_some();
    let priority = match is_known("Priority") {
        true => parameters.integer("Priority")?,
        false => None,
    };
    let is_enabled = match is_known("Enabled") {
        true => parameters.boolean("Enabled")?,
        false => None,
    };
    let names: Vec<String> = match kind {
        RuleKind::Transport => transport_parameters().collect(),
        RuleKind::Journal => settings::JOURNAL.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut said = Settings::new();
    for name in names {
        if let Some(values) = values(call, &name)? {
            said.insert(name, values);
        }
    }
    Ok(RuleChanges {
        name: parameters.text("Name")?.filter(|name| !name.is_empty()),
        priority: priority.map(|place| usize::try_from(place).unwrap_or(usize::MAX)),
        is_enabled,
        settings: said,
    })
}

/// The values that a call gives for a setting; `None` where it says nothing of it.
fn values(call: &Call<'_>, name: &str) -> Result<Option<Vec<String>>, Failure> {
    let Some(parameter) = call.cmdlet.parameter(name) else { return Ok(None) };
    let parameters = &call.parameters;
    Ok(match parameter.kind {
        ParameterKind::TextList => match parameters.list_edit(name)? {
            Some(edit @ ListEdit::Change { .. }) => {
                let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
                Some(edit.apply(&present(call, name), same))
            }
            Some(ListEdit::Replace(list)) => Some(list),
            None => None,
        },
        ParameterKind::Boolean => parameters.boolean(name)?.map(|is| vec![is.to_string()]),
        ParameterKind::Timestamp => match parameters.value(name) {
            None => None,
            Some(_) => Some(parameters.timestamp(name)?.map(timestamp).into_iter().collect()),
        },
        _ => parameters.text(name)?.map(|text| vec![in_bytes(name, text)]),
    })
}

/// The values that the rule in question has, for an edit of a list.
fn present(call: &Call<'_>, name: &str) -> Vec<String> {
    let Ok(Some(identity)) = call.parameters.text("Identity") else { return Vec::new() };
    let directory = call.app.directory();
    let rule = directory.rules().and_then(|rules| find_rule(&rules.transport, &identity));
    let said = rule.map(|rule| settings::of_transport(&directory, &rule.body)).unwrap_or_default();
    said.get(name).cloned().unwrap_or_default()
}

/// A size as bytes; everything else as it is.
pub(crate) fn in_bytes(parameter: &str, text: String) -> String {
    if !parameter.ends_with("MessageSizeOver") {
        return text;
    }
    size::read(&text).flatten().map_or(text, |bytes| bytes.to_string())
}

fn rehearse(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let mail = RehearsedMail {
        by: parameters.text("User")?.unwrap_or_default(),
        from: parameters.required_text("From")?,
        to: parameters.text_list("To")?,
        subject: parameters.text("Subject")?.unwrap_or_default(),
        header: parameters.text_list("Header")?.join("\n"),
    };
    let found = call.app.rehearse(&mail, call.now);
    let found =
        found.map_err(|error| Failure::bad_parameter(error.what, &format!("{}.", error.why)))?;
    if found.denied.is_some() {
        let line = format!(
            "{} may not send as {}; no rule is asked. Test-SendAs says why.",
            mail.by, mail.from
        );
        return Err(Failure::in_the_way(line));
    }
    let rules = found.verdict.outcomes.iter().zip(&found.decisive).map(|(outcome, decisive)| {
        let effects: Vec<String> = effects(&outcome.result);
        let because =
            decisive.as_ref().map(|(name, values)| format!("{name}: {}", values.join(", ")));
        row(&outcome.name, "Transport", (word(&outcome.result), because), &effects)
    });
    let reports = found.journal.iter().flat_map(|(address, rules)| {
        let line = format!("report to {address}");
        rules
            .iter()
            .map(move |rule| row(rule, "Journal", ("Acts", None), std::slice::from_ref(&line)))
    });
    Ok(Answer::of(rules.chain(reports).collect()))
}

fn row(
    name: &str,
    kind: &str,
    (result, because): (&str, Option<String>),
    effects: &[String],
) -> Object {
    object(json!({
        "Name": name, "Kind": kind, "Result": result, "Because": because, "Effects": effects,
    }))
}

fn word(result: &RuleResult) -> &'static str {
    match result {
        RuleResult::Disabled => "Disabled",
        RuleResult::OutOfTime => "OutOfTime",
        RuleResult::Unmet(_) => "Unmet",
        RuleResult::Excepted(_) => "Excepted",
        RuleResult::NotReached => "NotReached",
        RuleResult::Acted(_) => "Acts",
        RuleResult::WouldAct(_) => "WouldAct",
    }
}

/// What a rule does, in sentences.
pub(crate) fn effects(result: &RuleResult) -> Vec<String> {
    match result {
        RuleResult::Acted(effects) | RuleResult::WouldAct(effects) => {
            effects.iter().map(app::rules::sentence).collect()
        }
        _ => Vec::new(),
    }
}

/// What an event of the trace says that a rule did.
pub(crate) fn told(detail: &Value) -> String {
    let did: Vec<&str> =
        detail["did"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rule = detail["rule"].as_str().unwrap_or_default();
    match detail["mode"].as_str() {
        Some("Audit") => format!("rule \"{rule}\" would have: {}", did.join("; ")),
        _ => format!("rule \"{rule}\": {}", did.join("; ")),
    }
}
