//! What the pages say, in English and French.

use app::access::Scope;

use crate::site::texts::Language;

/// The sentences of the pages, in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) device_title: &'static str,
    pub(super) device_question: &'static str,
    pub(super) code: &'static str,
    pub(super) next: &'static str,
    pub(super) consent_title: &'static str,
    /// After the name of the program.
    pub(super) asks: &'static str,
    /// Before the person's address.
    pub(super) signed_in_as: &'static str,
    pub(super) compare: &'static str,
    pub(super) offline: &'static str,
    pub(super) only_if: &'static str,
    pub(super) allow: &'static str,
    pub(super) deny: &'static str,
    pub(super) allowed: &'static str,
    pub(super) denied: &'static str,
    pub(super) unknown_code: &'static str,
    pub(super) throttled: &'static str,
    pub(super) not_ours: &'static str,
    pub(super) unavailable: &'static str,
    pub(super) untrusted: &'static str,
    admin: &'static str,
    read: &'static str,
    send: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    device_title: "Connect a device",
    device_question: "Type the code that the device or the program shows.",
    code: "Code",
    next: "Continue",
    consent_title: "Allow access?",
    asks: "asks to be allowed, in your name:",
    signed_in_as: "You are signed in as",
    compare: "Compare the code with the one that the device shows:",
    offline: "to go on with it while you are away, until you take it back or change your password",
    only_if: "Allow it only if you have started this yourself, just now.",
    allow: "Allow",
    deny: "Refuse",
    allowed: "Allowed. You can close this page and go back to the device.",
    denied: "Refused. Nothing was given.",
    unknown_code: "No device waits under this code. Compare it with what the device shows; a code \
                   is good for fifteen minutes.",
    throttled: "Too many wrong codes. Wait a while and try again.",
    not_ours: "This request does not come from a page of this site, so nothing was done.",
    unavailable: "It does not work at the moment. Try again later.",
    untrusted: "A program sent you here with a request that cannot be trusted, so it gets no \
                answer:",
    admin: "to administer the mail of the organisation, as far as you may",
    read: "to read the settings and records of the administration, as far as you may",
    send: "to read and send your mail, as mail programs do",
};

const FRENCH: Words = Words {
    language: "fr",
    device_title: "Connecter un appareil",
    device_question: "Saisissez le code que l’appareil ou le programme affiche.",
    code: "Code",
    next: "Continuer",
    consent_title: "Autoriser l’accès ?",
    asks: "demande l’autorisation, en votre nom :",
    signed_in_as: "Vous êtes connecté en tant que",
    compare: "Comparez le code à celui que l’appareil affiche :",
    offline: "de continuer en votre absence, jusqu’à ce que vous y mettiez fin ou changiez de mot \
              de passe",
    only_if: "N’autorisez que si vous venez de lancer cette demande vous-même.",
    allow: "Autoriser",
    deny: "Refuser",
    allowed: "Autorisé. Vous pouvez fermer cette page et revenir à l’appareil.",
    denied: "Refusé. Rien n’a été accordé.",
    unknown_code: "Aucun appareil n’attend sous ce code. Comparez-le à celui que l’appareil \
                   affiche ; un code vaut quinze minutes.",
    throttled: "Trop de codes erronés. Patientez un moment, puis réessayez.",
    not_ours: "Cette demande ne vient pas d’une page de ce site : rien n’a été fait.",
    unavailable: "Cela ne fonctionne pas pour le moment. Réessayez plus tard.",
    untrusted: "Un programme vous envoie ici avec une demande à laquelle on ne peut se fier ; il \
                ne reçoit pas de réponse :",
    admin: "d’administrer la messagerie de l’organisation, dans la limite de vos droits",
    read: "de lire les réglages et les journaux de l’administration, dans la limite de vos droits",
    send: "de lire et d’envoyer votre courrier, comme le font les logiciels de messagerie",
};

impl Words {
    /// The sentences in a language.
    pub(super) fn in_language(language: Language) -> &'static Words {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }

    /// What a scope allows.
    pub(super) fn scope(&self, scope: Scope) -> &'static str {
        match scope {
            Scope::Admin => self.admin,
            Scope::Read => self.read,
            Scope::Send => self.send,
        }
    }
}
