//! Operators. The left value says what is done: a number adds, a text joins, a list grows.

use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};

use super::Span;
use crate::shell::fault::Fault;
use crate::shell::syntax::{BinaryOperator, Case, Comparison, UnaryOperator};
use crate::shell::value::literal::brief;
use crate::shell::value::{Value, compare, lookup};
use crate::shell::wildcard;

/// Longest list that `..` and `*` make.
const MAX_ITEMS: usize = 1_000_000;
/// Longest text that `*` makes.
const MAX_TEXT_OCTETS: usize = 16 * 1024 * 1024;
/// Largest compiled form of a pattern of `-match`.
const MAX_PATTERN_OCTETS: usize = 1024 * 1024;

/// An operator before a value.
pub(super) fn unary(operator: UnaryOperator, value: Value, span: Span) -> Result<Value, Fault> {
    match operator {
        UnaryOperator::Not => Ok(Value::Boolean(!value.is_true())),
        UnaryOperator::Plus => number(&value, span),
        UnaryOperator::Minus => {
            arithmetic(BinaryOperator::Subtract, &Value::Integer(0), &number(&value, span)?, span)
        }
        UnaryOperator::Join => Ok(Value::text(joined(value, ""))),
        UnaryOperator::Split => {
            Ok(Value::list(value.to_text().split_whitespace().map(Value::text).collect()))
        }
        UnaryOperator::List => Ok(Value::list(vec![value])),
    }
}

/// An operator between two values.
pub(super) fn binary(
    operator: BinaryOperator,
    left: Value,
    right: Value,
    span: Span,
) -> Result<Value, Fault> {
    match operator {
        BinaryOperator::And => Ok(Value::Boolean(left.is_true() && right.is_true())),
        BinaryOperator::Or => Ok(Value::Boolean(left.is_true() || right.is_true())),
        BinaryOperator::Xor => Ok(Value::Boolean(left.is_true() != right.is_true())),
        BinaryOperator::Compare(comparison, case) => {
            compared(comparison, case, &left, &right, span)
        }
        BinaryOperator::Replace(case) => replaced(case, &left, &right, span),
        BinaryOperator::Split(case) => split(case, &left, &right, span),
        BinaryOperator::Join => Ok(Value::text(joined(left, &right.to_text()))),
        BinaryOperator::Format => formatted(&left.to_text(), &right.into_items(), span),
        BinaryOperator::Range => range(&left, &right, span),
        BinaryOperator::Add => added(left, right, span),
        BinaryOperator::Multiply => multiplied(&left, &right, span),
        BinaryOperator::Subtract => match (&left, compare::to_time(&right)) {
            (Value::Time(_), Some(_)) => Err(Fault::meaning(span, "dates cannot be subtracted")
                .with_hint("compare them: $_.Received -gt (Get-Date).AddDays(-2)")),
            _ => arithmetic(operator, &left, &right, span),
        },
        BinaryOperator::Divide | BinaryOperator::Remainder => {
            arithmetic(operator, &left, &right, span)
        }
    }
}

/// A comparison. Of a list on the left, the items for which it holds.
pub(in crate::shell) fn compared(
    comparison: Comparison,
    case: Case,
    left: &Value,
    right: &Value,
    span: Span,
) -> Result<Value, Fault> {
    let is_about_lists = matches!(
        comparison,
        Comparison::Contains | Comparison::NotContains | Comparison::In | Comparison::NotIn
    );
    if let (Value::List(items), false) = (left, is_about_lists) {
        let mut found = Vec::new();
        for item in items.iter() {
            if holds(comparison, case, item, right, span)? {
                found.push(item.clone());
            }
        }
        return Ok(Value::list(found));
    }
    holds(comparison, case, left, right, span).map(Value::Boolean)
}

fn holds(
    comparison: Comparison,
    case: Case,
    left: &Value,
    right: &Value,
    span: Span,
) -> Result<bool, Fault> {
    let among = |list: &Value, wanted: &Value| match list {
        Value::List(items) => items.iter().any(|item| compare::equal(item, wanted, case)),
        other => compare::equal(other, wanted, case),
    };
    let order = || {
        compare::order(left, right, case).ok_or_else(|| {
            let text = format!("{} and {} cannot be compared", brief(left), brief(right));
            Fault::meaning(span, text)
        })
    };
    let like = || {
        let (pattern, text) = (right.to_text(), left.to_text());
        match case {
            Case::Ignored => wildcard::matches(&pattern, &text),
            Case::Minded => wildcard::matches_exactly(&pattern, &text),
        }
    };
    let matches = || Ok(pattern(&right.to_text(), case, span)?.is_match(&left.to_text()));
    match comparison {
        Comparison::Equal => Ok(compare::equal(left, right, case)),
        Comparison::NotEqual => Ok(!compare::equal(left, right, case)),
        Comparison::Greater => Ok(order()? == Ordering::Greater),
        Comparison::GreaterOrEqual => Ok(order()? != Ordering::Less),
        Comparison::Less => Ok(order()? == Ordering::Less),
        Comparison::LessOrEqual => Ok(order()? != Ordering::Greater),
        Comparison::Like => Ok(like()),
        Comparison::NotLike => Ok(!like()),
        Comparison::Match => matches(),
        Comparison::NotMatch => matches().map(|found| !found),
        Comparison::Contains => Ok(among(left, right)),
        Comparison::NotContains => Ok(!among(left, right)),
        Comparison::In => Ok(among(right, left)),
        Comparison::NotIn => Ok(!among(right, left)),
    }
}

/// Compiles a pattern. Its time grows with the text's length alone.
fn pattern(text: &str, case: Case, span: Span) -> Result<Regex, Fault> {
    RegexBuilder::new(text)
        .case_insensitive(case == Case::Ignored)
        .size_limit(MAX_PATTERN_OCTETS)
        .build()
        .map_err(|_| {
            Fault::meaning(span, format!("'{text}' is no regular expression"))
                .with_hint("for wildcards such as support* use -like")
        })
}

fn replaced(case: Case, left: &Value, right: &Value, span: Span) -> Result<Value, Fault> {
    let parts = right.clone().into_items();
    let (from, to) = match parts.as_slice() {
        [from] => (from.to_text(), String::new()),
        [from, to] => (from.to_text(), to.to_text()),
        _ => return Err(Fault::meaning(span, "-replace wants 'pattern', 'text'")),
    };
    let pattern = pattern(&from, case, span)?;
    let one =
        |value: &Value| Value::text(pattern.replace_all(&value.to_text(), to.as_str()).as_ref());
    Ok(match left {
        Value::List(items) => Value::list(items.iter().map(one).collect()),
        other => one(other),
    })
}

fn split(case: Case, left: &Value, right: &Value, span: Span) -> Result<Value, Fault> {
    let pattern = pattern(&right.to_text(), case, span)?;
    let mut parts = Vec::new();
    for item in left.clone().into_items() {
        parts.extend(pattern.split(&item.to_text()).map(Value::text));
    }
    Ok(Value::list(parts))
}

fn joined(value: Value, separator: &str) -> String {
    value.into_items().iter().map(Value::to_text).collect::<Vec<_>>().join(separator)
}

/// `'{0} holds {1,5}' -f $a, $b`
fn formatted(form: &str, values: &[Value], span: Span) -> Result<Value, Fault> {
    let wrong = || {
        Fault::meaning(span, "the text before -f wants {0}, {1} … for the values after it")
            .with_hint("'{{' is a single brace; formats such as {0:N2} are not understood")
    };
    let mut text = String::new();
    let mut rest = form;
    while let Some(place) = rest.find(['{', '}']) {
        text.push_str(&rest[..place]);
        let brace = &rest[place..=place];
        rest = &rest[place + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(wrong());
        }
        let (inner, after) = rest.split_once('}').ok_or_else(wrong)?;
        let (number, width) = inner.split_once(',').unwrap_or((inner, "0"));
        let width: i16 = width.trim().parse().map_err(|_| wrong())?;
        let number: usize = number.trim().parse().map_err(|_| wrong())?;
        let value = values.get(number).ok_or_else(wrong)?.to_text();
        let padding = usize::from(width.unsigned_abs());
        text.push_str(&match width {
            0.. => format!("{value:>padding$}"),
            _ => format!("{value:<padding$}"),
        });
        rest = after;
    }
    text.push_str(rest);
    Ok(Value::text(text))
}

fn range(left: &Value, right: &Value, span: Span) -> Result<Value, Fault> {
    let (Value::Integer(first), Value::Integer(last)) = (number(left, span)?, number(right, span)?)
    else {
        return Err(Fault::meaning(span, "'..' wants whole numbers"));
    };
    if usize::try_from(first.abs_diff(last)).map_or(true, |length| length >= MAX_ITEMS) {
        return Err(Fault::meaning(span, "this range has more than a million numbers"));
    }
    let items: Vec<Value> = if first <= last {
        (first..=last).map(Value::Integer).collect()
    } else {
        (last..=first).rev().map(Value::Integer).collect()
    };
    Ok(Value::list(items))
}

fn added(left: Value, right: Value, span: Span) -> Result<Value, Fault> {
    match (left, right) {
        (Value::List(items), right) => {
            let mut items = Value::List(items).into_items();
            items.extend(right.into_items());
            Ok(Value::list(items))
        }
        (Value::Null, right) => Ok(right),
        (left @ (Value::Text(_) | Value::Login(_)), right) => {
            Ok(Value::text(left.to_text() + &right.to_text()))
        }
        (Value::Table(left), Value::Table(right)) => {
            if let Some((key, _)) = right.iter().find(|(key, _)| lookup(&left, key).is_some()) {
                let text = format!("the key '{key}' is in both hashtables");
                return Err(Fault::meaning(span, text));
            }
            let both: Vec<(String, Value)> = left.iter().chain(right.iter()).cloned().collect();
            Ok(Value::Table(both.into()))
        }
        (left, right) => arithmetic(BinaryOperator::Add, &left, &right, span),
    }
}

fn multiplied(left: &Value, right: &Value, span: Span) -> Result<Value, Fault> {
    let times = || match compare::to_number(right) {
        Some(Value::Integer(times)) => usize::try_from(times).ok(),
        _ => None,
    };
    let too_much = || Fault::meaning(span, "this would become too large");
    match left {
        Value::Text(text) | Value::Login(text) => {
            let times = times().ok_or_else(|| wrong_number(right, span))?;
            let octets = text.len().checked_mul(times).ok_or_else(too_much)?;
            if octets > MAX_TEXT_OCTETS {
                return Err(too_much());
            }
            Ok(Value::text(text.repeat(times)))
        }
        Value::List(items) => {
            let times = times().ok_or_else(|| wrong_number(right, span))?;
            let count = items.len().checked_mul(times).ok_or_else(too_much)?;
            if count > MAX_ITEMS {
                return Err(too_much());
            }
            Ok(Value::list((0..times).flat_map(|_| items.iter().cloned()).collect()))
        }
        _ => arithmetic(BinaryOperator::Multiply, left, right, span),
    }
}

fn arithmetic(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
    span: Span,
) -> Result<Value, Fault> {
    let (left, right) = (number(left, span)?, number(right, span)?);
    let by_zero = || Fault::meaning(span, "a division by zero");
    if let (Value::Integer(left), Value::Integer(right)) = (&left, &right) {
        let whole = match operator {
            BinaryOperator::Add => left.checked_add(*right),
            BinaryOperator::Subtract => left.checked_sub(*right),
            BinaryOperator::Multiply => left.checked_mul(*right),
            BinaryOperator::Divide if *right == 0 => return Err(by_zero()),
            BinaryOperator::Divide if left.checked_rem(*right) == Some(0) => {
                left.checked_div(*right)
            }
            BinaryOperator::Remainder if *right == 0 => return Err(by_zero()),
            BinaryOperator::Remainder => Some(left.checked_rem(*right).unwrap_or(0)),
            _ => None,
        };
        if let Some(whole) = whole {
            return Ok(Value::Integer(whole));
        }
    }
    let decimal = |value: &Value| compare::as_decimal(value).unwrap_or(0.0);
    let (left, right) = (decimal(&left), decimal(&right));
    let result = match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::Divide if right == 0.0 => return Err(by_zero()),
        BinaryOperator::Divide => left / right,
        _ if right == 0.0 => return Err(by_zero()),
        _ => left % right,
    };
    if !result.is_finite() {
        return Err(Fault::meaning(span, "this number is too large"));
    }
    Ok(Value::Decimal(result))
}

fn number(value: &Value, span: Span) -> Result<Value, Fault> {
    compare::to_number(value).ok_or_else(|| wrong_number(value, span))
}

fn wrong_number(value: &Value, span: Span) -> Fault {
    Fault::meaning(span, format!("{} is no number", brief(value)))
}

/// `$x[0]`, `$x[-1]`, `$x['key']`; several places give a list.
pub(super) fn index(on: &Value, place: &Value, span: Span) -> Result<Value, Fault> {
    if let Value::List(places) = place {
        let found: Result<Vec<Value>, Fault> =
            places.iter().map(|place| index(on, place, span)).collect();
        return found.map(Value::list);
    }
    match on {
        Value::Table(entries) => {
            Ok(lookup(entries, &place.to_text()).cloned().unwrap_or(Value::Null))
        }
        Value::Object(object) if place.as_text().is_some() => {
            Ok(object.property(&place.to_text()).cloned().unwrap_or(Value::Null))
        }
        Value::Null => Err(Fault::meaning(span, "$null has nothing in it")),
        Value::Text(text) | Value::Login(text) => {
            let letters: Vec<char> = text.chars().collect();
            let at = at(place, letters.len(), span)?;
            Ok(at.map_or(Value::Null, |at| Value::text(letters[at].to_string())))
        }
        Value::List(items) => {
            let at = at(place, items.len(), span)?;
            Ok(at.map_or(Value::Null, |at| items[at].clone()))
        }
        // One object stands for a list of one.
        single => Ok(at(place, 1, span)?.map_or(Value::Null, |_| single.clone())),
    }
}

/// A place in a list of this length; negative ones count from the end. `None` outside.
fn at(place: &Value, length: usize, span: Span) -> Result<Option<usize>, Fault> {
    let Value::Integer(place) = number(place, span)? else {
        return Err(Fault::meaning(span, "a place in a list is a whole number"));
    };
    let length_signed = i64::try_from(length).unwrap_or(i64::MAX);
    let place = if place < 0 { place.saturating_add(length_signed) } else { place };
    Ok(usize::try_from(place).ok().filter(|place| *place < length))
}
