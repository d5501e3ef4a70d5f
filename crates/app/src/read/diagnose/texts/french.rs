//! French.

use domain::gate::HeldAs;
use domain::routing::RecipientRefusal;
use domain::{Grant, Permission, RecipientKind, Refusal, Right, SendMode, Timestamp};
use mail::Address;
use store::directory::Revocation;

use super::super::{Diagnosis, DnsFact, DnsStatus};
use super::{Client, Named, Texts};
use crate::dates::instant;
use crate::throttle::SendLimitReached;

/// The language.
pub(super) struct French;

/// A kind with its article.
fn a_kind(kind: Option<RecipientKind>) -> &'static str {
    match kind {
        None => "un destinataire",
        Some(RecipientKind::User) => "un utilisateur",
        Some(RecipientKind::SharedMailbox) => "une boîte partagée",
        Some(RecipientKind::Group) => "un groupe",
        Some(RecipientKind::Contact) => "un contact",
        Some(RecipientKind::Channel) => "un canal",
    }
}

/// A kind after `de`.
fn of_kind(kind: Option<RecipientKind>) -> &'static str {
    match kind {
        None => "du destinataire",
        Some(RecipientKind::User) => "de l’utilisateur",
        Some(RecipientKind::SharedMailbox) => "de la boîte partagée",
        Some(RecipientKind::Group) => "du groupe",
        Some(RecipientKind::Contact) => "du contact",
        Some(RecipientKind::Channel) => "du canal",
    }
}

fn right_name(right: Right) -> &'static str {
    match right {
        Right::SendAs => "« Envoyer en tant que » (Send As)",
        Right::SendOnBehalf => "« Envoyer de la part de » (Send on behalf)",
        Right::FullAccess => "« Accès total » (Full Access)",
    }
}

impl Texts for French {
    fn verdict(
        &self,
        user: &Named,
        from: &Address,
        decision: Result<&Permission, (Refusal, bool)>,
        author: Option<&Named>,
    ) -> String {
        let who = &user.address;
        let name = author.map_or_else(|| from.to_string(), |author| author.name.clone());
        let (refusal, was_revoked) = match decision {
            Ok(permission) => {
                return match permission.mode {
                    SendMode::Own => format!("Oui : {from} est l’adresse de {who} même."),
                    SendMode::SendAs => format!(
                        "Oui : {who} peut envoyer en tant que {from} ; personne à l’extérieur ne \
                         voit qui a écrit."
                    ),
                    SendMode::SendOnBehalf => format!(
                        "Oui : {who} peut envoyer de la part de {from} ; Sender nomme {who}."
                    ),
                };
            }
            Err(refused) => refused,
        };
        match refusal {
            Refusal::UnknownActor => {
                let kind = a_kind(user.kind);
                format!("Non : {who} est {kind}, pas un utilisateur qui ouvre une session.")
            }
            Refusal::AccountDisabled => format!("Non : le compte de {who} est désactivé."),
            Refusal::AuthorElsewhere => {
                format!("Non : {from} n’est pas une adresse de cette organisation.")
            }
            Refusal::AuthorUnknown => format!("Non : personne n’a l’adresse {from}."),
            Refusal::ReceiveOnly(_) => {
                format!("Non : {from} est l’adresse d’un canal, qui ne fait que recevoir.")
            }
            Refusal::AuthorIsContact(_) => {
                format!("Non : {from} appartient au contact {name}, donc à un tiers extérieur.")
            }
            Refusal::NoRight(_) if was_revoked => {
                format!("Non : le droit de {who} d’envoyer au nom de {name} a été retiré.")
            }
            Refusal::NoRight(_) => format!(
                "Non : {who} ne détient sur {name} ni le droit d’envoyer en tant que, ni celui \
                 d’envoyer de la part de."
            ),
            Refusal::RightEnded(..) => {
                format!("Non : le droit de {who} d’envoyer au nom de {name} est échu.")
            }
        }
    }

    fn verdict_of_reference(&self, diagnosis: &Diagnosis, refused_at: Timestamp) -> String {
        let at = instant(refused_at);
        if diagnosis.is_allowed {
            format!("Refusé le {at} ; ce serait accepté maintenant. {}", diagnosis.verdict)
        } else {
            format!("Refusé le {at}, et ce serait encore refusé. {}", diagnosis.verdict)
        }
    }

    fn unreadable(&self, advice: &str) -> String {
        format!("Non : l’auteur du message ne se lit pas d’une seule façon ({advice})")
    }

    fn rejected_by_rule(&self, told: &str) -> String {
        format!(
            "Le droit d’envoyer était là, mais une règle de flux de l’organisation a refusé le \
             message : {told}"
        )
    }

    fn actor_known(&self, user: &Named, is_known: bool) -> String {
        let who = &user.address;
        if is_known {
            return format!("{who} est un utilisateur.");
        }
        let kind = a_kind(user.kind);
        format!("{who} est {kind} ; seuls les utilisateurs ouvrent une session et envoient.")
    }

    fn account_active(&self, user: &Named, is_active: bool) -> String {
        let state = if is_active {
            "actif"
        } else {
            "désactivé : il ne peut ni ouvrir de session ni envoyer"
        };
        format!("Le compte de {} est {state}.", user.name)
    }

    fn author_held(&self, from: &Address, held: Option<&(Named, HeldAs)>) -> String {
        let Some((holder, how)) = held else {
            return format!("Personne ici n’a l’adresse {from}.");
        };
        let how = match how {
            HeldAs::Primary => "l’adresse principale",
            HeldAs::Alias => "un alias",
            HeldAs::SubAddress => "une sous-adresse",
        };
        format!("{from} est {how} {} {}.", of_kind(holder.kind), holder.name)
    }

    fn author_domain(&self, from: &Address, is_accepted: bool) -> String {
        let domain = from.domain();
        if is_accepted {
            format!("{domain} est un domaine accepté, mais l’adresse n’y existe pas.")
        } else {
            format!(
                "{domain} n’est pas un domaine accepté ; seules les adresses de cette \
                 organisation peuvent servir."
            )
        }
    }

    fn kind_may_send(&self, kind: RecipientKind, may: bool) -> String {
        let named = a_kind(Some(kind));
        match (may, kind) {
            (true, _) => format!("Un message peut avoir pour auteur {named}."),
            (false, RecipientKind::Channel) => {
                "L’adresse d’un canal ne fait que recevoir. Envoyez depuis celle de l’équipe."
                    .to_owned()
            }
            (false, _) => {
                format!("Un message ne peut avoir pour auteur {named} : l’adresse est ailleurs.")
            }
        }
    }

    fn author_is_actor(&self, is_actor: bool) -> String {
        if is_actor {
            "C’est l’adresse de l’utilisateur même.".to_owned()
        } else {
            "Ce n’est pas l’adresse de l’utilisateur : il faut un droit.".to_owned()
        }
    }

    fn right_in_force(&self, right: Right, held: Option<(&Grant, Option<&Named>)>) -> String {
        let right = right_name(right);
        let Some((grant, through)) = held else {
            return format!("{right} n’est détenu ni directement ni par un groupe.");
        };
        let how = match through {
            Some(group) => format!("par le groupe {}", group.name),
            None => "directement".to_owned(),
        };
        let mut text = format!(
            "{right} est détenu {how}, accordé le {} par {}",
            instant(grant.granted_at),
            grant.granted_by
        );
        if let Some(until) = grant.until_at {
            text.push_str(&format!(", jusqu’au {}", instant(until)));
        }
        if let Some(reason) = &grant.reason {
            text.push_str(&format!(", motif : {reason}"));
        }
        text + "."
    }

    fn right_ended(&self, until: Option<Timestamp>) -> String {
        match until {
            Some(until) => format!("Un droit d’envoi existait, échu le {}.", instant(until)),
            None => "Un droit d’envoi existait et est échu.".to_owned(),
        }
    }

    fn revoked(&self, right: Right, revocation: &Revocation) -> String {
        let reason = match &revocation.reason {
            Some(reason) => format!(", motif : {reason}"),
            None => String::new(),
        };
        let (right, at) = (right_name(right), instant(revocation.at));
        format!("{right} a été retiré le {at} par {}{reason}.", revocation.by)
    }

    fn membership(&self) -> String {
        "L’utilisateur est membre du groupe. Cela permet de lire, pas d’envoyer en son nom."
            .to_owned()
    }

    fn full_access(&self) -> String {
        "L’utilisateur détient l’accès total. Il ouvre la boîte, sans donner le droit d’envoyer."
            .to_owned()
    }

    fn nearest(&self, near: &[String]) -> String {
        if near.is_empty() {
            "Aucune adresse existante ne lui ressemble.".to_owned()
        } else {
            format!("Peut-être : {}.", near.join(", "))
        }
    }

    fn address_unique(&self, from: &Address) -> String {
        format!("Aucun autre objet n’a {from} : une adresse n’appartient qu’à un seul objet.")
    }

    fn contact_shadowing(&self, contacts: &[String]) -> String {
        if contacts.is_empty() {
            return "Aucun contact ne lui ressemble.".to_owned();
        }
        format!(
            "Des contacts ont le même nom ou la même partie locale ({}). Un logiciel peut choisir \
             l’un d’eux, dont l’adresse n’est pas la nôtre.",
            contacts.join(", ")
        )
    }

    fn alias_rewritten(&self, from: &Address, primary: &Address) -> String {
        format!(
            "{from} n’est pas l’adresse principale. Le message montrera {primary}, car les alias \
             comme auteur sont désactivés dans l’organisation."
        )
    }

    fn alias_kept(&self, from: &Address) -> String {
        format!("{from} est un alias et reste l’auteur : les alias comme auteur sont activés.")
    }

    fn sender_authentication(&self) -> String {
        "RequireSenderAuthenticationEnabled est activé. Cela ne concerne que la réception (le \
         courrier de l’extérieur est refusé), pas le droit d’envoyer."
            .to_owned()
    }

    fn hidden(&self) -> String {
        "Il est masqué des listes d’adresses. C’est sans effet sur le droit d’envoyer.".to_owned()
    }

    fn envelope(&self, from: &Address, reverse_path: Option<&str>) -> String {
        match reverse_path {
            Some(path) => format!(
                "MAIL FROM suit la même règle que le champ de l’auteur ; le chemin de retour sera \
                 {path}."
            ),
            None => format!(
                "MAIL FROM suit la même règle que le champ de l’auteur : {from} est refusé dans \
                 les deux."
            ),
        }
    }

    fn no_password(&self, user: &Named) -> String {
        format!("{} n’a pas encore de mot de passe : personne ne peut se connecter.", user.address)
    }

    fn sign_in(&self, blocked_until: Option<Timestamp>) -> String {
        match blocked_until {
            Some(until) => {
                let until = instant(until);
                format!(
                    "Après des échecs de connexion, les suivantes sont refusées jusqu’au {until}."
                )
            }
            None => "Les connexions ne sont pas ralenties.".to_owned(),
        }
    }

    fn limit(&self, reached: Option<SendLimitReached>) -> String {
        let (what, secs) = match reached {
            None => return "Les limites d’envoi ne sont pas atteintes.".to_owned(),
            Some(SendLimitReached::Messages(secs)) => ("messages par heure", secs),
            Some(SendLimitReached::Recipients(secs)) => ("destinataires par jour", secs),
        };
        format!("La limite de {what} est atteinte ; elle prend fin dans {secs} secondes.")
    }

    fn quota_and_licence(&self, full: Option<&str>) -> String {
        match full {
            Some(full) => format!(
                "La boîte de {full} est pleine : le courrier pour elle est refusé par 552 5.2.2. \
                 Aucune licence n’est requise."
            ),
            None => "Aucune boîte pleine ne bloque, et aucune licence n’est requise.".to_owned(),
        }
    }

    fn dns(&self, domain: &str, fact: &DnsFact) -> String {
        let what = fact.purpose;
        match fact.status {
            DnsStatus::Found => {
                format!("L’enregistrement {what} de {domain} est publié comme il faut.")
            }
            DnsStatus::Missing => format!(
                "{domain} ne publie pas d’enregistrement {what} : d’autres serveurs peuvent \
                 refuser ou classer comme indésirable ce qui part."
            ),
            DnsStatus::Differs => format!(
                "L’enregistrement {what} de {domain} n’est pas celui que ce serveur propose."
            ),
            DnsStatus::Unknown => format!("Le DNS n’a pas répondu au sujet de {what} de {domain}."),
        }
    }

    fn queue(&self, waiting: usize, last_error: Option<&str>) -> String {
        match (waiting, last_error) {
            (0, _) => "Rien de cette adresse n’attend dans la file.".to_owned(),
            (count, None) => format!("{count} messages de cette adresse attendent dans la file."),
            (count, Some(error)) => format!(
                "{count} messages de cette adresse attendent dans la file ; dernière réponse : \
                 {error}"
            ),
        }
    }

    fn last_refusal(&self, at: Timestamp, reference: &str) -> String {
        let at = instant(at);
        format!("Dernier refus le {at} ; guichet diagnose --ref {reference} dit pourquoi.")
    }

    fn recipient(&self, to: &Address, refusal: Option<RecipientRefusal>) -> String {
        match refusal {
            None => format!("Le courrier de ce compte à {to} est accepté."),
            Some(RecipientRefusal::Unknown) => format!("Personne n’a l’adresse {to}."),
            Some(RecipientRefusal::RelayDenied) => {
                format!("{to} n’est pas chez nous, et le courrier n’y est pas transmis.")
            }
            Some(
                RecipientRefusal::GroupNeedsAuthentication(_)
                | RecipientRefusal::NeedsAuthentication(_),
            ) => format!("{to} n’accepte que des expéditeurs authentifiés."),
        }
    }

    fn client(&self, client: Client, address: &str) -> String {
        match client {
            Client::Outlook => format!(
                "Outlook : choisir De > Autre adresse > {address} dans la liste d’adresses, \
                 supprimer une ancienne entrée {address} de la liste De et des suggestions (×), \
                 puis Envoi/réception > Télécharger le carnet d’adresses."
            ),
            Client::Thunderbird => format!(
                "Thunderbird : Paramètres des comptes > Gérer les identités > Ajouter, avec \
                 {address} ; une identité qui n’est plus permise s’y supprime."
            ),
            Client::AppleMail => format!(
                "Apple Mail : Réglages > Comptes > Adresse e-mail > Modifier, ajouter {address} ; \
                 Fenêtre > Destinataires précédents oublie les anciennes adresses."
            ),
        }
    }
}
