//! Rights. Exchange spreads them over `*-RecipientPermission` (Send As), `*-MailboxPermission`
//! (Full Access) and the property `GrantSendOnBehalfTo`; these are here in its shapes. Guichet's
//! own `*-GuichetPermission` speaks of all three in one shape, with an end and a reason.
//!
//! All of them are views of the same grants: what one gives the others show and take back. A grant
//! that is already there and differs in end or reason is replaced; one that does not differ gives
//! a warning. Taking back what is not there gives a warning with the words that clients look for:
//! `because the ACE isn't present` (recipient permissions, ours too) or `because the ACE doesn't
//! exist on the object.` (mailbox permissions).

use super::{IDENTITY, OPTIONAL_IDENTITY, OUT_PRIMARY, RESULT_SIZE};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Boolean, OneOf, Switch, Text, Timestamp},
    Pause, Property, PropertyKind,
};

/// The rights, in the spelling of `-Right`.
const RIGHTS: &[&str] = &["SendAs", "SendOnBehalf", "FullAccess"];

/// When the right ends by itself.
const UNTIL: Parameter = Parameter::optional("Until", Timestamp);
/// Why it is given or taken back; kept with the grant and in the audit.
const REASON: Parameter = Parameter::optional("Reason", Text);
/// Lists, for a group as trustee, each member as well, with `Via` filled.
const EXPAND: Parameter = Parameter::optional("Expand", Switch);

const OUT_UNTIL: Property = Property::new("UntilUTC", PropertyKind::OptionalTimestamp);
const OUT_REASON: Property = Property::new("Reason", PropertyKind::OptionalText);
/// Who gave it: an address, or the name of a local administrator.
const OUT_GRANTED_BY: Property = Property::new("GrantedBy", PropertyKind::Text);
const OUT_GRANTED: Property = Property::new("WhenGrantedUTC", PropertyKind::Timestamp);
/// False once the end has passed.
const OUT_IN_FORCE: Property = Property::new("IsInForce", PropertyKind::Boolean);
/// With -Expand: the groups through which the trustee holds it, from the one that was granted to
/// the one he is in; empty for a right held directly.
const OUT_VIA: Property = Property::new("Via", PropertyKind::TextList);

const RECIPIENT_PERMISSION: &[Property] = &[
    // Name of the recipient.
    Property::new("Identity", PropertyKind::Text),
    // The trustee's login (primary address).
    Property::new("Trustee", PropertyKind::Text),
    // Always `Allow`.
    Property::new("AccessControlType", PropertyKind::Text),
    // Always `["SendAs"]`.
    Property::new("AccessRights", PropertyKind::TextList),
    // True for an entry that -Expand added.
    Property::new("IsInherited", PropertyKind::Boolean),
    // Always `None`.
    Property::new("InheritanceType", PropertyKind::Text),
    OUT_PRIMARY,
    // Always `True`; kept for tools that select it.
    Property::new("IsValid", PropertyKind::Boolean),
    OUT_UNTIL,
    OUT_REASON,
    OUT_GRANTED_BY,
    OUT_GRANTED,
    OUT_IN_FORCE,
    OUT_VIA,
];

const MAILBOX_PERMISSION: &[Property] = &[
    Property::new("Identity", PropertyKind::Text),
    // The trustee's login (primary address).
    Property::new("User", PropertyKind::Text),
    // Always `["FullAccess"]`: Send As is never listed here, as in Exchange.
    Property::new("AccessRights", PropertyKind::TextList),
    Property::new("IsInherited", PropertyKind::Boolean),
    // Always false.
    Property::new("Deny", PropertyKind::Boolean),
    // Always `All`.
    Property::new("InheritanceType", PropertyKind::Text),
    OUT_UNTIL,
    OUT_REASON,
    OUT_GRANTED_BY,
    OUT_GRANTED,
    OUT_IN_FORCE,
];

const GUICHET_PERMISSION: &[Property] = &[
    // The recipient's primary address.
    Property::new("Identity", PropertyKind::Text),
    Property::new("DisplayName", PropertyKind::Text),
    // Of the recipient.
    Property::new("RecipientTypeDetails", PropertyKind::Text),
    // The trustee's primary address.
    Property::new("Trustee", PropertyKind::Text),
    Property::new("TrusteeDisplayName", PropertyKind::Text),
    Property::new("TrusteeTypeDetails", PropertyKind::Text),
    // SendAs, SendOnBehalf or FullAccess.
    Property::new("Right", PropertyKind::Text),
    OUT_UNTIL,
    OUT_REASON,
    OUT_GRANTED_BY,
    OUT_GRANTED,
    OUT_IN_FORCE,
    OUT_VIA,
];

const SEND_AS: Parameter = Parameter::mandatory("AccessRights", OneOf(&["SendAs"]));
const FULL_ACCESS: Parameter = Parameter::mandatory("AccessRights", OneOf(&["FullAccess"]));

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Add-RecipientPermission",
        synopsis: "Gives Send As on a recipient; in force from the answer on.",
        caller: Caller::Owner,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, Parameter::mandatory("Trustee", Text), SEND_AS, UNTIL, REASON],
        output: RECIPIENT_PERMISSION,
    },
    Cmdlet {
        name: "Get-RecipientPermission",
        synopsis: "Lists who holds Send As on what.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            // Matches login, alias, local part and display name.
            Parameter::optional("Trustee", Text),
            Parameter::optional("AccessRights", OneOf(&["SendAs"])),
            EXPAND,
            RESULT_SIZE,
        ],
        output: RECIPIENT_PERMISSION,
    },
    Cmdlet {
        name: "Remove-RecipientPermission",
        synopsis: "Takes Send As back; no later message is accepted under it.",
        caller: Caller::Owner,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, Parameter::mandatory("Trustee", Text), SEND_AS, REASON],
        output: &[],
    },
    Cmdlet {
        name: "Add-MailboxPermission",
        synopsis: "Gives Full Access to a mailbox; it gives no right to send.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::mandatory("User", Text),
            FULL_ACCESS,
            // Taken and ignored: clients find shared mailboxes by themselves.
            Parameter::optional("AutoMapping", Boolean),
            // Only `All` has a meaning here.
            Parameter::optional("InheritanceType", OneOf(&["All"])),
            UNTIL,
            REASON,
        ],
        output: MAILBOX_PERMISSION,
    },
    Cmdlet {
        name: "Get-MailboxPermission",
        synopsis: "Lists who holds Full Access to a mailbox. Never lists Send As.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("User", Text),
            // Taken for groups, which are found without it too.
            Parameter::optional("GroupMailbox", Switch),
            RESULT_SIZE,
        ],
        output: MAILBOX_PERMISSION,
    },
    Cmdlet {
        name: "Remove-MailboxPermission",
        synopsis: "Takes Full Access back.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[
            IDENTITY,
            Parameter::mandatory("User", Text),
            FULL_ACCESS,
            // Only `All` has a meaning here.
            Parameter::optional("InheritanceType", OneOf(&["All"])),
            REASON,
        ],
        output: &[],
    },
    Cmdlet {
        name: "Add-GuichetPermission",
        synopsis: "Gives a right on a recipient, with an end and a reason; in force at once.",
        // An owner may give Send As and Send on behalf on the own group.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::mandatory("Trustee", Text).at(2),
            Parameter::mandatory("Right", OneOf(RIGHTS)).at(3),
            UNTIL,
            REASON,
        ],
        output: GUICHET_PERMISSION,
    },
    Cmdlet {
        name: "Get-GuichetPermission",
        synopsis: "Lists who holds which right on what, ended ones included.",
        // A caller who is no auditor sees the rights that he holds and those on groups he owns.
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            // Matches login, alias, local part and display name. With -Expand: rights held through
            // groups as well.
            Parameter::optional("Trustee", Text),
            Parameter::optional("Right", OneOf(RIGHTS)),
            EXPAND,
            RESULT_SIZE,
        ],
        output: GUICHET_PERMISSION,
    },
    Cmdlet {
        name: "Remove-GuichetPermission",
        synopsis: "Takes a right back; no later message is accepted under it.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::mandatory("Trustee", Text).at(2),
            Parameter::mandatory("Right", OneOf(RIGHTS)).at(3),
            REASON,
        ],
        output: &[],
    },
];
