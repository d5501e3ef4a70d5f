//! What could stand at a place in a line: names of cmdlets, parameters, values, properties,
//! variables. Works on unfinished text, so it looks at the words before the place instead of
//! parsing.

use super::bind::Caller;
use super::builtin;
use crate::cmdlet::{self, Cmdlet, ParameterKind};

/// What could stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    /// Where the word begins that is replaced.
    pub start: usize,
    /// What it could be, in order.
    pub candidates: Vec<String>,
}

/// Commands whose words are names of properties.
const PROPERTY_TAKERS: [&str; 8] = [
    "Where-Object",
    "Select-Object",
    "Sort-Object",
    "Group-Object",
    "Measure-Object",
    "Format-Table",
    "Format-List",
    "ForEach-Object",
];

/// What could stand at `place` of `line`. `variables` are those that are set.
pub fn complete<'v>(
    line: &str,
    place: usize,
    variables: impl Iterator<Item = &'v str>,
) -> Completions {
    let mut place = place.min(line.len());
    while !line.is_char_boundary(place) {
        place -= 1;
    }
    let before = &line[..place];
    let start = before
        .rfind(|c: char| c.is_whitespace() || "|;(){},='\":".contains(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let segment = segment(&before[..start]);
    let (from, candidates) = if let Some(member) = member_start(word) {
        (start + member, with_prefix(&word[member..], properties(before).into_iter()))
    } else if let Some(variable) = word.strip_prefix('$') {
        let names = variables.chain(["true", "false", "null", "_"]);
        let found = with_prefix(variable, names.map(str::to_owned));
        (start, found.into_iter().map(|name| format!("${name}")).collect())
    } else if segment.trim().is_empty() {
        let names = cmdlet::all().map(|known| known.name).chain(builtin::names());
        (start, with_prefix(word, names.map(str::to_owned)))
    } else {
        (start, argument(segment, word, before))
    };
    let mut candidates = candidates;
    candidates.sort_unstable();
    candidates.dedup();
    Completions { start: from, candidates }
}

/// The text since the command that the place belongs to began.
fn segment(before: &str) -> &str {
    let mut quote = None;
    let mut start = 0;
    for (at, letter) in before.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), close) if open == close => quote = None,
            (None, '|' | ';' | '\n' | '(' | '{') => start = at + 1,
            // What a bracket held is over; the words before it count again, roughly.
            (None, ')' | '}') => {
                start = before[..start].rfind(['|', ';', '\n']).map_or(0, |at| at + 1);
            }
            _ => {}
        }
    }
    &before[start..]
}

/// Where the name of a member begins in `$x.Na`.
fn member_start(word: &str) -> Option<usize> {
    (word.starts_with('$') || word.starts_with('.'))
        .then(|| word.rfind('.').map(|at| at + 1))
        .flatten()
}

fn argument(segment: &str, word: &str, before: &str) -> Vec<String> {
    let mut words = segment.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(caller) = caller(name) else { return Vec::new() };
    if let Some(prefix) = word.strip_prefix('-') {
        let names = caller.slots().into_iter().map(|slot| slot.name.to_owned());
        let common = ["Confirm", "WhatIf", "ErrorAction", "WarningAction"];
        let common = common.into_iter().map(str::to_owned);
        let found = with_prefix(prefix, names.chain(common));
        return found.into_iter().map(|name| format!("-{name}")).collect();
    }
    let last = words.next_back().unwrap_or_default();
    match (caller, last.strip_prefix('-')) {
        (Caller::Server(cmdlet), Some(parameter)) => {
            with_prefix(word, values(cmdlet, parameter.trim_end_matches(':')).into_iter())
        }
        (Caller::BuiltIn(known), _) if PROPERTY_TAKERS.contains(&known.name) => {
            with_prefix(word, properties(before).into_iter())
        }
        (Caller::BuiltIn(known), _) if matches!(known.name, "Get-Help" | "Get-Command") => {
            let names = cmdlet::all().map(|known| known.name).chain(builtin::names());
            with_prefix(word, names.map(str::to_owned))
        }
        _ => Vec::new(),
    }
}

fn caller(name: &str) -> Option<Caller> {
    builtin::find(name).map(Caller::BuiltIn).or_else(|| cmdlet::find(name).map(Caller::Server))
}

/// The values that a parameter can have, where they are few.
fn values(cmdlet: &Cmdlet, parameter: &str) -> Vec<String> {
    match cmdlet.parameter(parameter).map(|known| known.kind) {
        Some(ParameterKind::OneOf(words)) => words.iter().map(|word| (*word).to_owned()).collect(),
        Some(ParameterKind::Boolean) => vec!["$true".to_owned(), "$false".to_owned()],
        Some(ParameterKind::IntegerOrUnlimited) => vec!["Unlimited".to_owned()],
        _ => Vec::new(),
    }
}

/// The properties of what the last cmdlet before the place gives.
fn properties(before: &str) -> Vec<String> {
    let words = before.split(|c: char| c.is_whitespace() || "|;(){}".contains(c));
    let last = words.filter_map(cmdlet::find).rfind(|known| !known.output.is_empty());
    last.map(|known| known.output.iter().map(|property| property.name.to_owned()).collect())
        .unwrap_or_default()
}

fn with_prefix(prefix: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let prefix = prefix.to_lowercase();
    names.filter(|name| name.to_lowercase().starts_with(&prefix)).collect()
}

#[cfg(test)]
mod tests {
    //! Places in lines, marked by `^`.

    use super::*;

    fn at(line: &str) -> (usize, Vec<String>) {
        let place = line.find('^').expect("the place is marked");
        let line = line.replace('^', "");
        let found = complete(&line, place, ["groups", "user"].into_iter());
        (found.start, found.candidates)
    }

    #[test]
    fn names_of_cmdlets() {
        assert_eq!(at("add-rec^"), (0, vec!["Add-RecipientPermission".to_owned()]));
        assert_eq!(at("Get-Mailbox | where-^"), (14, vec!["Where-Object".to_owned()]));
        assert_eq!(at("$x = (get-accepted^"), (6, vec!["Get-AcceptedDomain".to_owned()]));
        assert_eq!(at("Get-Help add-recip^").1, ["Add-RecipientPermission"]);
    }

    #[test]
    fn names_and_values_of_parameters() {
        assert_eq!(at("Add-RecipientPermission x -tr^"), (26, vec!["-Trustee".to_owned()]));
        assert_eq!(at("Add-RecipientPermission x -AccessRights ^").1, ["SendAs"]);
        assert_eq!(at("Get-UnifiedGroup -Team ^").1, ["$false", "$true"]);
        assert_eq!(at("Get-Nothing -x^").1, Vec::<String>::new());
    }

    #[test]
    fn properties_of_what_comes_in() {
        assert_eq!(at("Get-AcceptedDomain | ? {$_.domainn^").1, ["DomainName"]);
        assert_eq!(at("Get-AcceptedDomain | select Name, DomainT^").1, ["DomainType"]);
        assert_eq!(at("Get-AcceptedDomain | select Name, DomainT^").0, 34);
    }

    #[test]
    fn variables() {
        assert_eq!(at("Get-Mailbox $us^"), (12, vec!["$user".to_owned()]));
    }

    #[test]
    fn any_place_of_any_line() {
        let line = "Get-É | ? {$_.'x' \"} (";
        for place in 0..=line.len() + 2 {
            complete(line, place, std::iter::empty());
        }
    }
}
