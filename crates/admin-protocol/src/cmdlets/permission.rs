//! Rights. Exchange spreads them over `*-RecipientPermission` (Send As), `*-MailboxPermission`
//! (Full Access) and the property `GrantSendOnBehalfTo`; these are here in its shapes. Guichet's
//! own `*-GuichetPermission` speaks of all three in one shape, with an end and a reason.
//!
//! All of them are views of the same grants: what one gives the others show and take back. A grant
//! that is already there and differs in end or reason is replaced; one that does not differ gives
//! a warning. Taking back what is not there gives a warning with the words that clients look for:
//! `because the ACE isn't present` (recipient permissions, ours too) or `because the ACE doesn't
//! exist on the object.` (mailbox permissions).

use super::{EXPECTED_VERSION, IDENTITY, OPTIONAL_IDENTITY, OUT_PRIMARY, REASON, RESULT_SIZE};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Boolean, OneOf, Switch, Text, Timestamp},
    Pause, Property, PropertyKind,
};

/// The rights, in the spelling of `-Right`.
const RIGHTS: &[&str] = &["SendAs", "SendOnBehalf", "FullAccess"];

const UNTIL: Parameter =
    Parameter::optional("Until", Timestamp).says("When the right ends by itself.");
const EXPAND: Parameter = Parameter::optional("Expand", Switch)
    .says("Lists, for a group as trustee, each member as well, with `Via` filled.");

const OUT_UNTIL: Property = Property::new("UntilUTC", PropertyKind::OptionalTimestamp);
const OUT_REASON: Property = Property::new("Reason", PropertyKind::OptionalText);
const OUT_GRANTED_BY: Property = Property::new("GrantedBy", PropertyKind::Text)
    .says("Who gave it: an address, or the name of a local administrator.");
const OUT_GRANTED: Property = Property::new("WhenGrantedUTC", PropertyKind::Timestamp);
const OUT_IN_FORCE: Property =
    Property::new("IsInForce", PropertyKind::Boolean).says("False once the end has passed.");
const OUT_VIA: Property = Property::new("Via", PropertyKind::TextList).says(
    "With -Expand: the groups through which the trustee holds it, from the one that was granted to \
     the one he is in; empty for a right held directly.",
);

const RECIPIENT_PERMISSION: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("Name of the recipient."),
    Property::new("Trustee", PropertyKind::Text).says("The trustee's login (primary address)."),
    Property::new("AccessControlType", PropertyKind::Text).says("Always `Allow`."),
    Property::new("AccessRights", PropertyKind::TextList).says("Always `[\"SendAs\"]`."),
    Property::new("IsInherited", PropertyKind::Boolean)
        .says("True for an entry that -Expand added."),
    Property::new("InheritanceType", PropertyKind::Text).says("Always `None`."),
    Property::new("TrusteeSidString", PropertyKind::Text)
        .says("The trustee's GUID in the form of a SID, as Entra ID makes it: S-1-12-1-…"),
    OUT_PRIMARY,
    Property::new("TrusteeWithPrimarySmtpAddress", PropertyKind::Text)
        .says("The trustee's primary address, with -IncludeTrusteeWithPrimarySmtpAddress."),
    Property::new("IsValid", PropertyKind::Boolean)
        .says("Always true; kept for tools that select it."),
    Property::new("ObjectState", PropertyKind::Text).says("Always `Unchanged`."),
    OUT_UNTIL,
    OUT_REASON,
    OUT_GRANTED_BY,
    OUT_GRANTED,
    OUT_IN_FORCE,
    OUT_VIA,
];

const MAILBOX_PERMISSION: &[Property] = &[
    Property::new("Identity", PropertyKind::Text),
    Property::new("User", PropertyKind::Text).says("The trustee's login (primary address)."),
    Property::new("UserSid", PropertyKind::Text).says("As TrusteeSidString."),
    Property::new("AccessRights", PropertyKind::TextList)
        .says("Always `[\"FullAccess\"]`: Send As is never listed here, as in Exchange."),
    Property::new("IsInherited", PropertyKind::Boolean),
    Property::new("Deny", PropertyKind::Boolean).says("Always false."),
    Property::new("InheritanceType", PropertyKind::Text).says("Always `All`."),
    OUT_UNTIL,
    OUT_REASON,
    OUT_GRANTED_BY,
    OUT_GRANTED,
    OUT_IN_FORCE,
];

const GUICHET_PERMISSION: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The recipient's primary address."),
    Property::new("DisplayName", PropertyKind::Text),
    Property::new("RecipientTypeDetails", PropertyKind::Text).says("Of the recipient."),
    Property::new("Trustee", PropertyKind::Text).says("The trustee's primary address."),
    Property::new("TrusteeDisplayName", PropertyKind::Text),
    Property::new("TrusteeTypeDetails", PropertyKind::Text),
    Property::new("Right", PropertyKind::Text).says("SendAs, SendOnBehalf or FullAccess."),
    OUT_UNTIL,
    OUT_REASON,
    OUT_GRANTED_BY,
    OUT_GRANTED,
    OUT_IN_FORCE,
    OUT_VIA,
];

const TRUSTEE: Parameter = Parameter::mandatory("Trustee", Text)
    .says("Who: a user, or a group whose members then hold the right.");
const USER: Parameter = Parameter::mandatory("User", Text)
    .says("Who: a user, or a group whose members then hold the right.");
const SEND_AS: Parameter = Parameter::mandatory("AccessRights", OneOf(&["SendAs"])).says("SendAs.");
const GROUP_MAILBOX: Parameter = Parameter::optional("GroupMailbox", Switch)
    .says("Taken for Exchange's sake: groups are found without it too.");
const INHERITANCE: Parameter = Parameter::optional("InheritanceType", OneOf(&["All"]))
    .says("Only All: a right is on the whole mailbox.");
const RIGHT: Parameter =
    Parameter::mandatory("Right", OneOf(RIGHTS)).at(3).says("SendAs, SendOnBehalf or FullAccess.");

/// What a table of the rights of one kind shows.
const RECIPIENT_DISPLAY: &[&str] = &["Identity", "Trustee", "AccessControlType", "AccessRights"];
const MAILBOX_DISPLAY: &[&str] = &["Identity", "User", "AccessRights", "IsInherited", "Deny"];
const GUICHET_DISPLAY: &[&str] = &["Identity", "Trustee", "Right", "UntilUTC", "Reason"];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Add-RecipientPermission",
        synopsis: "Gives Send As on a recipient; in force from the answer on.",
        caller: Caller::Owner,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, TRUSTEE, SEND_AS, UNTIL, EXPECTED_VERSION, REASON],
        output: RECIPIENT_PERMISSION,
        display: RECIPIENT_DISPLAY,
        examples: &[Example::new(
            "Add-RecipientPermission support@contoso.com -AccessRights SendAs -Trustee \
             jean.dupont@contoso.com -Confirm:$false",
            "Lets Jean send as the group.",
        )],
    },
    Cmdlet {
        name: "Get-RecipientPermission",
        synopsis: "Lists who holds Send As on what.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("Trustee", Text)
                .says("Only the rights of this one: login, alias, local part or display name."),
            Parameter::optional("AccessRights", OneOf(&["SendAs"])).says("SendAs."),
            EXPAND,
            Parameter::optional("IncludeTrusteeWithPrimarySmtpAddress", Switch)
                .says("Fills TrusteeWithPrimarySmtpAddress."),
            Parameter::optional("ReadFromDomainController", Switch)
                .says("Taken for Exchange's sake: every answer is up to the instant."),
            RESULT_SIZE,
        ],
        output: RECIPIENT_PERMISSION,
        display: RECIPIENT_DISPLAY,
        examples: &[
            Example::new(
                "Get-RecipientPermission support@contoso.com",
                "Who may send as the group.",
            ),
            Example::new(
                "Get-RecipientPermission -Trustee jean.dupont -Expand",
                "What Jean may send as, through groups too.",
            ),
        ],
    },
    Cmdlet {
        name: "Remove-RecipientPermission",
        synopsis: "Takes Send As back; no later message is accepted under it.",
        caller: Caller::Owner,
        pause: Pause::AsksFirst,
        parameters: &[
            IDENTITY,
            TRUSTEE,
            SEND_AS,
            Parameter::optional("Deny", Switch).says("Only $false: there are no rights that deny."),
            Parameter::optional("MultiTrustees", Switch).says("Taken for Exchange's sake."),
            Parameter::optional("SkipDomainValidationForMailContact", Switch)
                .says("Taken for Exchange's sake."),
            Parameter::optional("SkipDomainValidationForMailUser", Switch)
                .says("Taken for Exchange's sake."),
            Parameter::optional("SkipDomainValidationForSharedMailbox", Switch)
                .says("Taken for Exchange's sake."),
            EXPECTED_VERSION,
            REASON,
        ],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-RecipientPermission support -Trustee jean.dupont -AccessRights SendAs",
            "Asks, then takes the right back.",
        )],
    },
    Cmdlet {
        name: "Add-MailboxPermission",
        synopsis: "Gives Full Access to a mailbox; it gives no right to send.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            USER,
            Parameter::mandatory("AccessRights", OneOf(&["FullAccess"])).says(
                "FullAccess; the finer rights of Exchange do not exist here. Send As is given with \
                 Add-RecipientPermission.",
            ),
            Parameter::optional("AutoMapping", Boolean)
                .says("Taken for Exchange's sake: clients find shared mailboxes by themselves."),
            INHERITANCE,
            GROUP_MAILBOX,
            Parameter::optional("Deny", Switch).says("Only $false: there are no rights that deny."),
            UNTIL,
            EXPECTED_VERSION,
            REASON,
        ],
        output: MAILBOX_PERMISSION,
        display: MAILBOX_DISPLAY,
        examples: &[Example::new(
            "Add-MailboxPermission facturation -User jean.dupont -AccessRights FullAccess",
            "Lets Jean open the shared mailbox.",
        )],
    },
    Cmdlet {
        name: "Get-MailboxPermission",
        synopsis: "Lists who holds Full Access to a mailbox. Never lists Send As.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("User", Text)
                .says("Only the right of this one: login, alias, local part or display name."),
            GROUP_MAILBOX,
            RESULT_SIZE,
        ],
        output: MAILBOX_PERMISSION,
        display: MAILBOX_DISPLAY,
        examples: &[Example::new(
            "Get-MailboxPermission facturation",
            "Who may open it. For Send As: Get-RecipientPermission.",
        )],
    },
    Cmdlet {
        name: "Remove-MailboxPermission",
        synopsis: "Takes Full Access back.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[
            IDENTITY,
            USER,
            Parameter::optional("AccessRights", OneOf(&["FullAccess"]))
                .says("FullAccess, which is meant when left out too."),
            INHERITANCE,
            GROUP_MAILBOX,
            Parameter::optional("Deny", Switch).says("Only $false: there are no rights that deny."),
            Parameter::optional("BypassMasterAccountSid", Switch)
                .says("Leaves the warning out when there is nothing to take back."),
            EXPECTED_VERSION,
            REASON,
        ],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-MailboxPermission facturation -User jean.dupont -AccessRights FullAccess \
             -Confirm:$false",
            "Takes the right back without being asked.",
        )],
    },
    Cmdlet {
        name: "Add-GuichetPermission",
        synopsis: "Gives a right on a recipient, with an end and a reason; in force at once.",
        // An owner may give Send As and Send on behalf on the own group.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[IDENTITY, TRUSTEE.at(2), RIGHT, UNTIL, EXPECTED_VERSION, REASON],
        output: GUICHET_PERMISSION,
        display: GUICHET_DISPLAY,
        examples: &[Example::new(
            "Add-GuichetPermission support paul.bernard SendAs -Until 2027-01-31 -Reason 'Holiday \
             cover'",
            "Lets Paul send as the group until the end of January.",
        )],
    },
    Cmdlet {
        name: "Get-GuichetPermission",
        synopsis: "Lists who holds which right on what, ended ones included.",
        // A caller who is no auditor sees the rights that he holds and those on groups he owns.
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("Trustee", Text).says(
                "Only the rights of this one: login, alias, local part or display name. With \
                 -Expand: rights held through groups as well.",
            ),
            Parameter::optional("Right", OneOf(RIGHTS)).says("Only this right."),
            EXPAND,
            RESULT_SIZE,
        ],
        output: GUICHET_PERMISSION,
        display: GUICHET_DISPLAY,
        examples: &[Example::new(
            "Get-GuichetPermission | Group-Object Right",
            "Counts the rights of each kind.",
        )],
    },
    Cmdlet {
        name: "Remove-GuichetPermission",
        synopsis: "Takes a right back; no later message is accepted under it.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[IDENTITY, TRUSTEE.at(2), RIGHT, EXPECTED_VERSION, REASON],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-GuichetPermission support paul.bernard SendAs",
            "Takes Paul's right back.",
        )],
    },
];
