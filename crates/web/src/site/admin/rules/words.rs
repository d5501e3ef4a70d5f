//! The words for what rules say, in the language of whoever reads.

use app::rules::settings::{EXCEPT_IF, Settings};
use domain::Refusal;
use domain::rules::{Effect, RuleResult};

use crate::site::texts::Texts;

/// What a parameter means. Exceptions say the same as their conditions.
pub(super) fn label(texts: &Texts, parameter: &str) -> String {
    match parameter.strip_prefix(EXCEPT_IF).unwrap_or(parameter) {
        "FromScope" => texts.t("rule-from-scope"),
        "From" => texts.t("rule-from"),
        "FromMemberOf" => texts.t("rule-from-member-of"),
        "FromAddressContainsWords" => texts.t("rule-from-words"),
        "FromAddressMatchesPatterns" => texts.t("rule-from-patterns"),
        "SenderDomainIs" => texts.t("rule-sender-domain"),
        "SentAs" => texts.t("rule-sent-as"),
        "SentBy" => texts.t("rule-sent-by"),
        "SentTo" => texts.t("rule-sent-to"),
        "SentToMemberOf" => texts.t("rule-sent-to-member-of"),
        "SentToScope" => texts.t("rule-sent-to-scope"),
        "RecipientDomainIs" => texts.t("rule-recipient-domain"),
        "SubjectContainsWords" => texts.t("rule-subject-words"),
        "SubjectMatchesPatterns" => texts.t("rule-subject-patterns"),
        "HeaderContainsMessageHeader" => texts.t("rule-header-words-field"),
        "HeaderContainsWords" => texts.t("rule-header-words"),
        "HeaderMatchesMessageHeader" => texts.t("rule-header-patterns-field"),
        "HeaderMatchesPatterns" => texts.t("rule-header-patterns"),
        "MessageSizeOver" => texts.t("rule-size-over"),
        "HasAttachment" => texts.t("rule-has-attachment"),
        "AttachmentExtensionMatchesWords" => texts.t("rule-extension"),
        other => action_label(texts, other),
    }
}

fn action_label(texts: &Texts, parameter: &str) -> String {
    match parameter {
        "RejectMessageReasonText" => texts.t("rule-reject"),
        "RejectMessageEnhancedStatusCode" => texts.t("rule-reject-code"),
        "RedirectMessageTo" => texts.t("rule-redirect"),
        "BlindCopyTo" => texts.t("rule-blind-copy"),
        "AddToRecipients" => texts.t("rule-add-to"),
        "PrependSubject" => texts.t("rule-prepend"),
        "RemoveHeader" => texts.t("rule-remove-header"),
        "SetHeaderName" => texts.t("rule-set-header"),
        "SetHeaderValue" => texts.t("rule-set-header-value"),
        "StopRuleProcessing" => texts.t("rule-stop"),
        "Mode" => texts.t("rule-mode"),
        "ActivationDate" => texts.t("rule-activation"),
        "ExpiryDate" => texts.t("rule-expiry"),
        "SenderAddressLocation" => texts.t("rule-location"),
        "Comments" => texts.t("rule-comments"),
        "JournalEmailAddress" => texts.t("journal-address"),
        "Recipient" => texts.t("journal-recipient"),
        "Scope" => texts.t("journal-scope"),
        other => other.to_owned(),
    }
}

/// A value as people read it.
pub(super) fn value(texts: &Texts, parameter: &str, value: &str) -> String {
    match value {
        "InOrganization" => texts.t("rule-inside"),
        "NotInOrganization" => texts.t("rule-outside"),
        "Global" => texts.t("journal-global"),
        "Internal" => texts.t("journal-internal"),
        "External" => texts.t("journal-external"),
        "Enforce" => texts.t("rule-mode-enforce"),
        "Audit" => texts.t("rule-mode-audit"),
        "Header" if parameter == "SenderAddressLocation" => texts.t("rule-location-header"),
        "Envelope" => texts.t("rule-location-envelope"),
        "HeaderOrEnvelope" => texts.t("rule-location-both"),
        "true" => texts.t("rule-yes"),
        other => other.to_owned(),
    }
}

/// A parameter with its values.
pub(super) fn said(texts: &Texts, parameter: &str, values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|one| value(texts, parameter, one)).collect();
    let label = label(texts, parameter);
    texts.t2("rule-said", &("label", label), &("values", values.join(", ")))
}

/// Whether a rule names somebody who is gone.
pub(super) fn is_broken(settings: &Settings) -> bool {
    settings.values().flatten().any(|value| value.starts_with("(removed recipient "))
}

/// What became of a rule.
pub(super) fn result(texts: &Texts, result: &RuleResult) -> String {
    match result {
        RuleResult::Disabled => texts.t("trial-disabled"),
        RuleResult::OutOfTime => texts.t("trial-out-of-time"),
        RuleResult::Unmet(_) => texts.t("trial-unmet"),
        RuleResult::Excepted(_) => texts.t("trial-excepted"),
        RuleResult::NotReached => texts.t("trial-not-reached"),
        RuleResult::Acted(_) => texts.t("trial-acts"),
        RuleResult::WouldAct(_) => texts.t("trial-would-act"),
    }
}

/// What a rule does.
pub(super) fn effect(texts: &Texts, effect: &Effect) -> String {
    match effect {
        Effect::Rejected => texts.t("effect-rejected"),
        Effect::FoundLoop => texts.t("effect-loop"),
        Effect::BlindCopied(to) => texts.t1("effect-blind-copied", "to", to),
        Effect::RecipientAdded(to) => texts.t1("effect-added", "to", to),
        Effect::Redirected(to) => texts.t1("effect-redirected", "to", to),
        Effect::AlreadyRecipient(to) => texts.t1("effect-already", "to", to),
        Effect::RecipientGone(to) => texts.t1("effect-gone", "to", to),
        Effect::HeaderSet(name) => texts.t1("effect-header-set", "name", name),
        Effect::HeaderRemoved(name) => texts.t1("effect-header-removed", "name", name),
        Effect::SubjectPrepended(text) => texts.t1("effect-subject", "text", text),
        Effect::SubjectLeft(text) => texts.t1("effect-subject-left", "text", text),
        Effect::Stopped => texts.t("effect-stopped"),
    }
}

/// That the gate refuses a message, so that no rule is asked.
pub(super) fn denied(texts: &Texts, refusal: Refusal) -> String {
    match refusal {
        Refusal::NoRight(_) | Refusal::RightEnded(..) => texts.t("trial-no-right"),
        Refusal::UnknownActor
        | Refusal::AccountDisabled
        | Refusal::AuthorElsewhere
        | Refusal::AuthorUnknown
        | Refusal::ReceiveOnly(_)
        | Refusal::AuthorIsContact(_) => texts.t("trial-denied"),
    }
}
