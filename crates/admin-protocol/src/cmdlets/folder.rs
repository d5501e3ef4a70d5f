//! Rights on single folders, which Guichet does not have: who may open a mailbox may open all of
//! it. Get- shows what that means for a folder in Exchange's shape; the others say what to do
//! instead, and change nothing.

use super::IDENTITY;
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Text, TextList},
    Pause, Property, PropertyKind,
};

const OUTPUT: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The mailbox and the folder."),
    Property::new("FolderName", PropertyKind::Text)
        .says("The folder; `Top of Information Store` for the mailbox itself."),
    Property::new("User", PropertyKind::Text)
        .says("A primary address, or Default and Anonymous, who have no access."),
    Property::new("AccessRights", PropertyKind::TextList)
        .says("Owner for who opens the whole mailbox, None for the others."),
    Property::new("SharingPermissionFlags", PropertyKind::OptionalText).says("Always null."),
    Property::new("IsValid", PropertyKind::Boolean).says("Always true."),
];

const USER: Parameter = Parameter::mandatory("User", Text).says("Who.");
const RIGHTS: Parameter = Parameter::mandatory("AccessRights", TextList)
    .says("No value is taken: there are no rights on single folders.");
/// What the cmdlets that change nothing say of themselves.
const REFUSED: &str = "Always refused, with the command that does it for the whole mailbox.";

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-MailboxFolderPermission",
        synopsis: "Shows who may open a folder: whoever may open the mailbox.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("Identity", Text)
                .at(1)
                .says("A mailbox, or a mailbox and a folder: `support:\\Inbox`."),
            Parameter::optional("User", Text).says("Only the entry of this one."),
        ],
        output: OUTPUT,
        display: &["FolderName", "User", "AccessRights"],
        examples: &[Example::new(
            "Get-MailboxFolderPermission support:\\Inbox",
            "Shows who may open the group's inbox.",
        )],
    },
    Cmdlet {
        name: "Add-MailboxFolderPermission",
        synopsis: REFUSED,
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY, USER, RIGHTS],
        output: OUTPUT,
        display: &["FolderName", "User", "AccessRights"],
        examples: &[Example::new(
            "Add-MailboxPermission facturation -User jean.dupont -AccessRights FullAccess",
            "Does it for the whole mailbox.",
        )],
    },
    Cmdlet {
        name: "Set-MailboxFolderPermission",
        synopsis: REFUSED,
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY, USER, RIGHTS],
        output: OUTPUT,
        display: &["FolderName", "User", "AccessRights"],
        examples: &[Example::new(
            "Add-MailboxPermission facturation -User jean.dupont -AccessRights FullAccess",
            "Does it for the whole mailbox.",
        )],
    },
    Cmdlet {
        name: "Remove-MailboxFolderPermission",
        synopsis: REFUSED,
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, USER],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-MailboxPermission facturation -User jean.dupont -AccessRights FullAccess",
            "Does it for the whole mailbox.",
        )],
    },
];
