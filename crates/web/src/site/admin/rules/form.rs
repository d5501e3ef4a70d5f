//! Writing a rule: one form for all that a rule can say, for new rules and for those that there
//! are. What cannot be is told on the form, with everything as it was typed.

use std::collections::BTreeMap;

use app::command::{Command, CommandError, Order, RuleChanges, RuleKind, RuleOrder, find_rule};
use app::read::rule_version;
use app::rules::settings::{
    self, ACTIONS, CONDITIONS, EXCEPT_IF, JOURNAL, PROPERTIES, Settings, transport_parameters,
};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{AccountRole, Directory};

use super::words::{label, value};
use super::{kind_of, may_read, refused, shown};
use crate::Web;
use crate::admin::rule::{command, in_bytes};
use crate::site::admin::{Rail, surroundings};
use crate::site::error::Problem;
use crate::site::frame::{Frame, see_other};
use crate::site::texts::Texts;
use crate::site::visit::Signed;

/// The path of a rule that is not written yet.
const NEW: &str = "new";

/// One input of the form.
struct Field {
    name: String,
    label: String,
    input: Input,
    value: String,
}

/// What an input takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Input {
    /// Values, one a line.
    Lines,
    Line,
    Check,
    /// A point in time.
    Instant,
    /// One of these: value and words.
    Choice(Vec<(&'static str, String)>),
}

impl Field {
    fn is(&self, input: &str) -> bool {
        match self.input {
            Input::Lines => input == "lines",
            Input::Line => input == "line",
            Input::Check => input == "check",
            Input::Instant => input == "instant",
            Input::Choice(_) => input == "choice",
        }
    }

    fn choices(&self) -> &[(&'static str, String)] {
        match &self.input {
            Input::Choice(choices) => choices,
            Input::Lines | Input::Line | Input::Check | Input::Instant => &[],
        }
    }

    fn has(&self, value: &str) -> bool {
        self.value == value
    }
}

/// Inputs that belong together.
struct Part {
    title: String,
    hint: String,
    /// Whether something is in it.
    is_open: bool,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "admin/rule.html")]
struct RulePage {
    frame: Frame,
    rail: Rail,
    kind: &'static str,
    guid: String,
    title: String,
    name: String,
    version: String,
    is_enabled: bool,
    parts: Vec<Part>,
    command: String,
    problem: Option<String>,
    may_change: bool,
}

/// A rule as the form has it.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    is_enabled: bool,
    version: String,
    settings: Settings,
}

/// `GET /admin/rules/{kind}/{guid}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path((kind, guid)): Path<(String, String)>,
) -> Response {
    let page = kind_of(&kind).and_then(|kind| {
        may_read(&signed, &web)?;
        let typed = written(&web.app.directory(), kind, &guid).ok_or(Problem::NotFound)?;
        Ok(page(&signed, (kind, &guid), typed, None))
    });
    match page {
        Ok(page) => shown(&page),
        Err(problem) => signed.visit.problem(problem),
    }
}

/// The rule as it is; an empty one for a new one.
fn written(directory: &Directory, kind: RuleKind, guid: &str) -> Option<Typed> {
    if guid == NEW {
        return Some(Typed { is_enabled: true, ..Typed::default() });
    }
    let version = rule_version(directory, kind, guid)?;
    let rules = directory.rules()?;
    let (name, is_enabled, settings) = match kind {
        RuleKind::Transport => {
            let rule = find_rule(&rules.transport, guid)?;
            let settings = settings::of_transport(directory, &rule.body);
            (rule.name.clone(), rule.is_enabled, settings)
        }
        RuleKind::Journal => {
            let rule = find_rule(&rules.journal, guid)?;
            (rule.name.clone(), rule.is_enabled, settings::of_journal(directory, &rule.body))
        }
    };
    Some(Typed { name, is_enabled, version, settings })
}

/// `POST /admin/rules/{kind}/{guid}/write`
pub(crate) async fn write(
    signed: Signed,
    State(web): State<Web>,
    Path((kind, guid)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let kind = match kind_of(&kind) {
        Ok(kind) => kind,
        Err(problem) => return signed.visit.problem(problem),
    };
    let typed = read(kind, form);
    match carry_out(&signed, &web, (kind, &guid), &typed).await {
        Ok(()) => see_other("/admin/rules"),
        Err(
            error @ (CommandError::Setting { .. }
            | CommandError::Invalid { .. }
            | CommandError::InTheWay(_)
            | CommandError::AlreadyExists { .. }
            | CommandError::ObjectChangedMeanwhile(_)),
        ) => {
            let problem = Some(sentence(&signed.visit.texts, error));
            refused(&page(&signed, (kind, &guid), typed, problem))
        }
        Err(error) => signed.visit.problem(error.into()),
    }
}

/// What is wrong, with the words of the form instead of the parameter's name.
fn sentence(texts: &Texts, error: CommandError) -> String {
    match error {
        CommandError::Setting { what, why } => {
            texts.t2("rule-said", &("label", label(texts, &what)), &("values", why))
        }
        other => other.to_string(),
    }
}

async fn carry_out(
    signed: &Signed,
    web: &Web,
    (kind, guid): (RuleKind, &str),
    typed: &Typed,
) -> Result<(), CommandError> {
    let changes = RuleChanges {
        name: Some(typed.name.clone()),
        priority: None,
        is_enabled: Some(typed.is_enabled),
        settings: typed.settings.clone(),
    };
    let order = match guid {
        NEW => RuleOrder::Create(changes),
        guid => RuleOrder::Set { identity: guid.to_owned(), changes },
    };
    let order = Order {
        client: signed.client(),
        expected_object_version: Some(typed.version.clone()).filter(|it| !it.is_empty()),
        ..Order::new(Command::Rule { kind, order: Box::new(order) })
    };
    web.app.command(&signed.actor(), &order, signed.visit.now).await?;
    Ok(())
}

/// Reads the form: every parameter is there, and an empty one clears.
fn read(kind: RuleKind, form: Vec<(String, String)>) -> Typed {
    let mut given: BTreeMap<String, String> = form.into_iter().collect();
    let mut take = |name: &str| given.remove(name).unwrap_or_default();
    let mut settings = Settings::new();
    for name in parameters(kind) {
        let text = take(&name);
        let values: Vec<String> = match input(&name) {
            Input::Lines => text.lines().map(str::trim).map(str::to_owned).collect(),
            _ => vec![in_bytes(&name, text.trim().to_owned())],
        };
        settings.insert(name, values.into_iter().filter(|value| !value.is_empty()).collect());
    }
    Typed {
        name: take("name").trim().to_owned(),
        is_enabled: take("enabled") == "true",
        version: take("version"),
        settings,
    }
}

fn parameters(kind: RuleKind) -> Vec<String> {
    match kind {
        RuleKind::Transport => transport_parameters().collect(),
        RuleKind::Journal => JOURNAL.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// What the input of a parameter takes, without the words of its choices.
fn input(parameter: &str) -> Input {
    match parameter.strip_prefix(EXCEPT_IF).unwrap_or(parameter) {
        "FromScope" | "SentToScope" | "Mode" | "SenderAddressLocation" | "Scope" => {
            Input::Choice(Vec::new())
        }
        "HasAttachment" | "StopRuleProcessing" => Input::Check,
        "ActivationDate" | "ExpiryDate" => Input::Instant,
        "HeaderContainsMessageHeader"
        | "HeaderMatchesMessageHeader"
        | "MessageSizeOver"
        | "RejectMessageReasonText"
        | "RejectMessageEnhancedStatusCode"
        | "PrependSubject"
        | "RemoveHeader"
        | "SetHeaderName"
        | "SetHeaderValue"
        | "JournalEmailAddress"
        | "Recipient" => Input::Line,
        _ => Input::Lines,
    }
}

fn choices(parameter: &str) -> &'static [&'static str] {
    match parameter.strip_prefix(EXCEPT_IF).unwrap_or(parameter) {
        "FromScope" | "SentToScope" => &["", "InOrganization", "NotInOrganization"],
        "Mode" => &["Enforce", "Audit"],
        "SenderAddressLocation" => &["Header", "Envelope", "HeaderOrEnvelope"],
        "Scope" => &["Global", "Internal", "External"],
        _ => &[],
    }
}

fn field(texts: &Texts, settings: &Settings, name: String) -> Field {
    let values = settings.get(&name).cloned().unwrap_or_default();
    let (input, value) = match input(&name) {
        Input::Choice(_) => {
            let words = |choice: &&'static str| match *choice {
                "" => ("", texts.t("rule-any")),
                choice => (choice, value(texts, &name, choice)),
            };
            let choices = choices(&name).iter().map(words).collect();
            (Input::Choice(choices), values.concat())
        }
        // Browsers take neither seconds nor a zone.
        Input::Instant => (Input::Instant, values.concat().chars().take(16).collect()),
        input => (input, values.join("\n")),
    };
    Field { label: label(texts, &name), name, input, value }
}

fn page(
    signed: &Signed,
    (kind, guid): (RuleKind, &str),
    typed: Typed,
    problem: Option<String>,
) -> RulePage {
    let (frame, rail) = surroundings(signed, "/admin/rules");
    let texts = &frame.texts;
    let said: Settings = typed
        .settings
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name.clone(), values.clone()))
        .collect();
    let is_new = guid == NEW;
    let (path, title, parts) = match kind {
        RuleKind::Transport => {
            let title = if is_new { texts.t("rule-new") } else { typed.name.clone() };
            ("transport", title, transport_parts(texts, &said))
        }
        RuleKind::Journal => {
            let title = if is_new { texts.t("journal-new") } else { typed.name.clone() };
            let names = JOURNAL.iter().map(|name| (*name).to_owned());
            let words = (texts.t("journal-what"), texts.t("journal-hint"));
            ("journal", title, vec![part(texts, &said, words, names)])
        }
    };
    RulePage {
        command: match is_new {
            true => String::new(),
            false => command(kind, &typed.name, typed.is_enabled, &said),
        },
        kind: path,
        guid: guid.to_owned(),
        title,
        name: typed.name,
        version: typed.version,
        is_enabled: typed.is_enabled,
        parts,
        problem,
        may_change: signed.person.role == AccountRole::Administrator,
        frame,
        rail,
    }
}

fn transport_parts(texts: &Texts, said: &Settings) -> Vec<Part> {
    let plain = |names: &'static [&'static str]| names.iter().map(|name| (*name).to_owned());
    let exceptions = CONDITIONS.iter().map(|name| format!("{EXCEPT_IF}{name}"));
    let words = |title: &str, hint: &str| (title.to_owned(), hint.to_owned());
    let mut parts = vec![
        part(
            texts,
            said,
            words(&texts.t("rule-actions"), &texts.t("rule-actions-hint")),
            plain(&ACTIONS),
        ),
        part(
            texts,
            said,
            words(&texts.t("rule-conditions"), &texts.t("rule-conditions-hint")),
            plain(&CONDITIONS),
        ),
        part(
            texts,
            said,
            words(&texts.t("rule-exceptions"), &texts.t("rule-exceptions-hint")),
            exceptions,
        ),
        part(texts, said, words(&texts.t("rule-properties"), ""), plain(&PROPERTIES)),
    ];
    if said.is_empty() {
        parts.iter_mut().take(2).for_each(|part| part.is_open = true);
    }
    parts
}

fn part(
    texts: &Texts,
    said: &Settings,
    (title, hint): (String, String),
    names: impl Iterator<Item = String>,
) -> Part {
    let fields: Vec<Field> = names.map(|name| field(texts, said, name)).collect();
    let is_open = fields.iter().any(|field| said.contains_key(&field.name));
    Part { title, hint, is_open, fields }
}
