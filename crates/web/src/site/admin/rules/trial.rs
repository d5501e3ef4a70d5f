//! The dry run on the page: a message that nobody sends, and what the rules say of it.

use app::rules::{Rehearsal, RehearsedMail};
use domain::Timestamp;
use domain::rules::RuleResult;
use serde::Deserialize;

use super::words;
use crate::Web;
use crate::site::texts::Texts;

/// The message, as it is asked about in the address of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(super) by: String,
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) to: String,
    #[serde(default)]
    pub(super) subject: String,
}

impl Asked {
    pub(super) fn is_asked(&self) -> bool {
        !self.from.is_empty() || !self.to.is_empty()
    }
}

/// A rule and what becomes of it.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) result: String,
    pub(super) acts: bool,
    pub(super) because: String,
    pub(super) effects: Vec<String>,
}

/// The answer.
#[derive(Default)]
pub(super) struct Trial {
    /// Why no rule was asked.
    pub(super) problem: Option<String>,
    pub(super) lines: Vec<Line>,
    pub(super) recipients: Vec<String>,
    pub(super) is_refused: bool,
}

pub(super) fn run(web: &Web, texts: &Texts, asked: &Asked, now: Timestamp) -> Trial {
    let list = asked.to.split([',', ';', ' ']).map(str::trim).filter(|to| !to.is_empty());
    let mail = RehearsedMail {
        by: asked.by.clone(),
        from: asked.from.clone(),
        to: list.map(str::to_owned).collect(),
        subject: asked.subject.clone(),
        header: String::new(),
    };
    match web.app.rehearse(&mail, now) {
        Err(error) => Trial { problem: Some(error.to_string()), ..Trial::default() },
        Ok(Rehearsal { denied: Some(refusal), .. }) => {
            Trial { problem: Some(words::denied(texts, refusal)), ..Trial::default() }
        }
        Ok(found) => shown(texts, &found),
    }
}

fn shown(texts: &Texts, found: &Rehearsal) -> Trial {
    let rules = found.verdict.outcomes.iter().zip(&found.decisive);
    let mut lines: Vec<Line> = rules
        .map(|(outcome, decisive)| Line {
            name: outcome.name.clone(),
            result: words::result(texts, &outcome.result),
            acts: matches!(outcome.result, RuleResult::Acted(_)),
            because: decisive
                .as_ref()
                .map(|(name, values)| words::said(texts, name, values))
                .unwrap_or_default(),
            effects: effects(texts, &outcome.result),
        })
        .collect();
    for (address, rules) in &found.journal {
        lines.extend(rules.iter().map(|name| Line {
            name: name.clone(),
            result: texts.t("trial-acts"),
            acts: true,
            because: String::new(),
            effects: vec![texts.t1("effect-journal", "to", address)],
        }));
    }
    let is_refused = found.verdict.refusal.is_some();
    Trial { problem: None, lines, recipients: found.recipients.clone(), is_refused }
}

fn effects(texts: &Texts, result: &RuleResult) -> Vec<String> {
    match result {
        RuleResult::Acted(effects) | RuleResult::WouldAct(effects) => {
            effects.iter().map(|effect| words::effect(texts, effect)).collect()
        }
        _ => Vec::new(),
    }
}
