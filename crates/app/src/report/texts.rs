//! Every sentence of the report and of the mail that brings it, in all languages.

use domain::{Language, RecipientKind, Right};

use super::{ReportOrder, Summary};

/// What stands in a page or a mail, in one language.
pub(super) struct Texts {
    pub(super) title: &'static str,
    pub(super) made_at: &'static str,
    pub(super) columns: [&'static str; 8],
    pub(super) never: &'static str,
    pub(super) unused: &'static str,
    pub(super) ended: &'static str,
    pub(super) no_end: &'static str,
    pub(super) accuracy: &'static str,
    pub(super) greeting: &'static str,
    pub(super) whole: &'static str,
    pub(super) own: &'static str,
    pub(super) too_long: &'static str,
    pub(super) how_to_revoke: &'static str,
}

const ENGLISH: Texts = Texts {
    title: "Rights to send as teams and persons",
    made_at: "Made at",
    columns: ["Holder", "Right", "Through", "Since", "Given by", "Reason", "Until", "Last used"],
    never: "never",
    unused: "unused",
    ended: "ended",
    no_end: "no end",
    accuracy: "Last use is known to the minute. It counts messages that were accepted under the \
               right; of the last hour before a crash it may know nothing.",
    greeting: "Hello,",
    whole: "this is the monthly report on who may send as which team or person of your \
            organisation, or on their behalf.",
    own: "this is the monthly report on who may send as the teams that you own, or on their \
          behalf.",
    too_long: "The report is too long to be attached. An administrator can make it with:",
    how_to_revoke: "A right that is no longer needed is taken back with:",
};

const FRENCH: Texts = Texts {
    title: "Droits d’envoi au nom des équipes et des personnes",
    made_at: "Établi le",
    columns: [
        "Titulaire",
        "Droit",
        "Par le groupe",
        "Depuis",
        "Accordé par",
        "Motif",
        "Jusqu’au",
        "Dernier usage",
    ],
    never: "jamais",
    unused: "inutilisé",
    ended: "échu",
    no_end: "sans fin",
    accuracy: "Le dernier usage est connu à la minute près. Sont comptés les messages acceptés en \
               vertu du droit ; ceux de l’heure qui précède un arrêt brutal peuvent manquer.",
    greeting: "Bonjour,",
    whole: "voici le rapport mensuel : qui peut envoyer en tant que quelle équipe ou personne de \
            votre organisation, ou de sa part.",
    own: "voici le rapport mensuel : qui peut envoyer en tant que les équipes dont vous êtes \
          propriétaire, ou de leur part.",
    too_long: "Le rapport est trop long pour être joint. Un administrateur peut l’établir avec :",
    how_to_revoke: "Un droit qui n’est plus nécessaire se retire avec :",
};

/// The texts of a language.
pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
    }
}

/// The name of a right.
pub(super) fn right(language: Language, right: Right) -> String {
    match (language, right) {
        (Language::English, _) => right.to_string(),
        (Language::French, Right::SendAs) => "Envoyer en tant que".to_owned(),
        (Language::French, Right::SendOnBehalf) => "Envoyer de la part de".to_owned(),
        (Language::French, Right::FullAccess) => "Accès total".to_owned(),
    }
}

/// What a recipient is.
pub(super) fn kind(language: Language, kind: RecipientKind) -> String {
    let french = match (language, kind) {
        (Language::English, _) => return kind.to_string(),
        (Language::French, RecipientKind::User) => "personne",
        (Language::French, RecipientKind::SharedMailbox) => "boîte partagée",
        (Language::French, RecipientKind::Group) => "groupe",
        (Language::French, RecipientKind::Contact) => "contact",
        (Language::French, RecipientKind::Channel) => "canal",
    };
    french.to_owned()
}

/// The counts in a sentence.
pub(super) fn summary(order: &ReportOrder, counted: &Summary) -> String {
    let Summary { rights, unused, never_used, ended } = counted;
    let days = order.unused_days;
    match order.language {
        Language::English => format!(
            "{rights} rights to send. Unused for {days} days or more: {unused}, of which never \
             used: {never_used}. Ended: {ended}."
        ),
        Language::French => format!(
            "{rights} droits d’envoi. Inutilisés depuis {days} jours ou plus : {unused}, dont \
             jamais utilisés : {never_used}. Échus : {ended}."
        ),
    }
}
