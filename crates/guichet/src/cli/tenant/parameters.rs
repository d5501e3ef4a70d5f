//! What a tenant has not: cmdlets and parameters of Guichet's own. Said before anything is sent,
//! with what to use instead.

use admin_protocol::parameters::Parameters;

use crate::cli::error::Error;

/// Nouns of cmdlets that no tenant has: what they are in words, and what there is instead.
const NOUNS: &[(&str, &str, &str)] = &[
    (
        "SendAs",
        "verdict of a gate to diagnose",
        "`guichet rights --recipient R` for who may, and `guichet trace` for what became of a \
         message",
    ),
    ("SendIdentity", "list of identities", "`guichet rights --trustee USER`"),
    ("UnifiedAuditLog", "chain of audit records to verify", "`guichet audit` to search them"),
    ("QueuedMessage", "queue that you could look into", "`guichet trace`"),
    ("ApiToken", "API tokens", "apps and their secrets in the Entra admin centre"),
    ("AppPassword", "app passwords here", "the user's security information page"),
    ("Application", "apps here", "App registrations in the Entra admin centre"),
    ("SignInThrottle", "count of failed logins", "the sign-in logs in the Entra admin centre"),
    ("UserPassword", "passwords here", "the Microsoft 365 admin centre"),
    ("DnsRecord", "list of DNS records here", "Domains in the Microsoft 365 admin centre"),
    ("SendAsReport", "report on rights to send", "`guichet rights --json`"),
    ("SendAsReportDocument", "report on rights to send", "`guichet rights --json`"),
    ("DirectoryState", "directory to compare with a file", "`guichet rights --json`"),
];

/// Parameters of ours on cmdlets that a tenant has.
const PARAMETERS: &[(&str, &str)] = &[
    ("Until", "rights there have no end: take them back with `guichet revoke`"),
    ("Reason", "its audit keeps no reasons"),
    ("Expand", "look at the members of a group with `guichet group show`"),
    ("ExpectedVersion", "its objects have no versions"),
    ("Team", "make and list teams in Teams; their groups are here without it"),
    ("Channels", "channels are made in Teams"),
    ("Role", "roles are given in the Entra admin centre"),
    ("CopySentMailToPersonEnabled", "use -MessageCopyForSentAsEnabled in `guichet shell`"),
    ("ReportSchedule", "it sends no report on rights to send"),
    ("Language", "each mailbox has its own language"),
    ("RemoveChannels", "channels are removed in Teams"),
];

/// Checks that a tenant has the cmdlet and all of the parameters.
pub(super) fn check(cmdlet: &str, parameters: &Parameters) -> Result<(), Error> {
    let (verb, noun) = cmdlet.split_once('-').unwrap_or(("", cmdlet));
    // Both have an audit log to search, and one alone has a chain to test.
    let exists = noun == "UnifiedAuditLog" && verb != "Test";
    let lacking = NOUNS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(noun) && !exists);
    if let Some((_, what, instead)) = lacking {
        return Err(Error::Lacking {
            what: format!("a tenant has no {what}"),
            instead: format!("use {instead}"),
        });
    }
    let own = PARAMETERS.iter().find(|(name, _)| parameters.has_value(name));
    match own {
        None => Ok(()),
        Some((name, instead)) => Err(Error::Lacking {
            what: format!("a tenant's {cmdlet} has no -{name}"),
            instead: (*instead).to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_our_own_is_said_to_be_missing() {
        let none = Parameters::new;
        for cmdlet in ["Test-SendAs", "Test-UnifiedAuditLog", "Get-QueuedMessage", "Get-ApiToken"] {
            let error = check(cmdlet, &none()).expect_err(cmdlet);
            assert_eq!(error.status(), 2);
            assert!(error.hint().is_some_and(|hint| hint.starts_with("use ")), "{error}");
        }
        for cmdlet in ["Search-UnifiedAuditLog", "Get-Mailbox", "Add-RecipientPermission"] {
            assert!(check(cmdlet, &none()).is_ok(), "{cmdlet}");
        }
        let until = none().with("Until", "2027-01-31");
        assert!(check("Add-RecipientPermission", &until).is_err());
    }

    #[test]
    fn every_noun_of_ours_is_in_the_table() {
        let nouns: Vec<&str> = admin_protocol::cmdlet::all().map(|cmdlet| cmdlet.noun()).collect();
        for (noun, ..) in NOUNS {
            assert!(nouns.contains(noun), "{noun}");
        }
    }
}
