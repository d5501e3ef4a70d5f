//! Get-Help, Get-Command and Get-Member: what there is, from the table of cmdlets and the table of
//! the shell's own commands.

use super::{BuiltIn, table};
use crate::cmdlet::{self, Cmdlet, Parameter, ParameterKind, Pause};
use crate::shell::bind::Binding;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::value::Value;
use crate::shell::wildcard;
use crate::text;

/// What is said without a name.
const OVERVIEW: &str = "\
A shell of cmdlets and pipelines, as Exchange administrators know them. It is not a language: no
functions, no classes, no .NET; `foreach ($x in …) {…}` and `if (…) {…}` are understood.

  Get-Command                      lists all cmdlets
  Get-Command *permission*         finds some
  Get-Help Add-RecipientPermission explains one, with an example
  Get-Mailbox | Get-Member         lists the properties of objects
";

/// Get-Help.
pub(super) fn get_help(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let Some(name) = binding.text("Name") else { return Ok(vec![Value::text(OVERVIEW)]) };
    if let Some(known) = super::find(&name) {
        return Ok(vec![Value::text(own_help(known))]);
    }
    if let Some(known) = cmdlet::find(&name) {
        return Ok(vec![Value::text(cmdlet_help(known))]);
    }
    let pattern = if wildcard::has_wildcard(&name) { name.clone() } else { format!("*{name}*") };
    let found = commands(&pattern);
    if !found.is_empty() {
        return Ok(found);
    }
    let near = text::nearest(&name, cmdlet::all().map(|known| known.name).chain(super::names()));
    Err(Fault::meaning(binding.span_of("Name"), format!("there is no cmdlet {name}."))
        .with_nearest(&near))
}

/// The call with all its parameters, optional ones in brackets.
pub(in crate::shell) fn syntax(cmdlet: &Cmdlet) -> String {
    let mut parts = vec![cmdlet.name.to_owned()];
    for parameter in cmdlet.parameters {
        let name = match parameter.position {
            Some(_) => format!("[-{}]", parameter.name),
            None => format!("-{}", parameter.name),
        };
        let whole = match parameter.kind {
            ParameterKind::Switch => name,
            kind => format!("{name} <{}>", kind.type_name()),
        };
        parts.push(if parameter.is_mandatory { whole } else { format!("[{whole}]") });
    }
    parts.join(" ")
}

fn cmdlet_help(cmdlet: &Cmdlet) -> String {
    let mut help = format!(
        "NAME\n    {}\n\nSYNOPSIS\n    {}\n    May be called by {}.\n\nSYNTAX\n    {}\n",
        cmdlet.name,
        cmdlet.synopsis,
        cmdlet.caller.describe(),
        syntax(cmdlet),
    );
    if cmdlet.pause == Pause::AsksFirst {
        help.push_str("    Asks first on a terminal; with -Confirm:$false it does not.\n");
    }
    if !cmdlet.parameters.is_empty() {
        help.push_str("\nPARAMETERS\n");
    }
    for parameter in cmdlet.parameters {
        help.push_str(&parameter_help(parameter));
    }
    if !cmdlet.output.is_empty() {
        help.push_str("\nOUTPUT\n");
    }
    for property in cmdlet.output {
        let line =
            format!("    {} <{}> {}", property.name, property.kind.type_name(), property.help);
        help.push_str(line.trim_end());
        help.push('\n');
    }
    help.push_str("\nEXAMPLES\n");
    for example in cmdlet.examples {
        help.push_str(&format!("    {}\n        {}\n", example.line, example.says));
    }
    help
}

fn parameter_help(parameter: &Parameter) -> String {
    let mut words = vec![format!("    -{}", parameter.name)];
    words.push(match parameter.kind {
        ParameterKind::OneOf(list) => format!("<{}>", list.join("|")),
        ParameterKind::Switch => "(switch)".to_owned(),
        other => format!("<{}>", other.type_name()),
    });
    if parameter.is_mandatory {
        words.push("required".to_owned());
    }
    if let Some(position) = parameter.position {
        words.push(format!("place {position}"));
    }
    let mut help = words.join(" ") + "\n";
    if !parameter.help.is_empty() {
        help.push_str(&format!("        {}\n", parameter.help));
    }
    help
}

fn own_help(known: &BuiltIn) -> String {
    let slots: Vec<String> = known
        .slots
        .iter()
        .map(|slot| {
            if slot.is_switch {
                format!("[-{}]", slot.name)
            } else {
                format!("[-{} …]", slot.name)
            }
        })
        .collect();
    let mut help = format!(
        "NAME\n    {}\n\nSYNOPSIS\n    {}\n\nSYNTAX\n    {} {}\n",
        known.name,
        known.synopsis,
        known.name,
        slots.join(" "),
    );
    if !known.aliases.is_empty() {
        help.push_str(&format!("\nALIASES\n    {}\n", known.aliases.join(", ")));
    }
    help.push_str(&format!("\nEXAMPLE\n    {}\n", known.example));
    help
}

/// Get-Command.
pub(super) fn get_command(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let pattern = match (binding.text("Name"), binding.text("Verb"), binding.text("Noun")) {
        (Some(name), _, _) => name,
        (None, None, None) => "*".to_owned(),
        (None, verb, noun) => {
            format!("{}-{}", verb.as_deref().unwrap_or("*"), noun.as_deref().unwrap_or("*"))
        }
    };
    let found = commands(&pattern);
    if found.is_empty() && !wildcard::has_wildcard(&pattern) {
        let names = cmdlet::all().map(|known| known.name).chain(super::names());
        let near = text::nearest(&pattern, names);
        let text = format!("there is no cmdlet {pattern}.");
        return Err(Fault::meaning(binding.span_of("Name"), text).with_nearest(&near));
    }
    Ok(found)
}

/// Cmdlets whose names match, the server's first.
fn commands(pattern: &str) -> Vec<Value> {
    let servers = cmdlet::all().map(|known| ("Cmdlet", known.name, known.synopsis));
    let own = table::ALL.iter().map(|known| ("Shell", known.name, known.synopsis));
    let mut found: Vec<(&str, &str, &str)> =
        servers.chain(own).filter(|(_, name, _)| wildcard::matches(pattern, name)).collect();
    found.sort_by_key(|(kind, name, _)| (*kind, name.split_once('-').map(|(_, noun)| noun), *name));
    found
        .into_iter()
        .map(|(kind, name, synopsis)| {
            Value::object(vec![
                ("CommandType".to_owned(), Value::text(kind)),
                ("Name".to_owned(), Value::text(name)),
                ("Synopsis".to_owned(), Value::text(synopsis)),
            ])
        })
        .collect()
}

/// Get-Member: the properties of the kinds of objects that came, each kind once.
pub(super) fn get_member(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let pattern = binding.text("Name").unwrap_or_else(|| "*".to_owned());
    let mut members: Vec<Value> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for item in input.unwrap_or_default() {
        for (name, value) in super::select::properties(&item) {
            if seen.contains(&name) || !wildcard::matches(&pattern, &name) {
                continue;
            }
            let definition = match &item {
                Value::Object(object) => object
                    .origin
                    .and_then(|cmdlet| cmdlet.output.iter().find(|property| property.name == name))
                    .map_or_else(|| value.type_name(), |property| property.kind.type_name()),
                _ => value.type_name(),
            };
            members.push(Value::object(vec![
                ("Name".to_owned(), Value::text(&name)),
                ("MemberType".to_owned(), Value::text("Property")),
                ("Definition".to_owned(), Value::text(definition)),
            ]));
            seen.push(name);
        }
    }
    Ok(members)
}
