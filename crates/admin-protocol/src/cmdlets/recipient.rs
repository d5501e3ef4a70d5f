//! Everything that holds an address, in one list: Get-Recipient.

use super::{
    OPTIONAL_IDENTITY, OUT_ADDRESSES, OUT_ALIAS, OUT_CREATED, OUT_DISPLAY_NAME, OUT_GUID,
    OUT_HIDDEN, OUT_IDENTITY, OUT_NAME, OUT_OBJECT_ID, OUT_PRIMARY, OUT_TYPE, OUT_TYPE_DETAILS,
    RESULT_SIZE,
};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Text, TextList},
    Pause,
};

pub(super) const CMDLETS: &[Cmdlet] = &[Cmdlet {
    name: "Get-Recipient",
    synopsis: "Lists all that holds an address, or shows one recipient.",
    // To accounts that are neither auditor nor administrator, hidden recipients are not listed.
    caller: Caller::Anyone,
    pause: Pause::None,
    parameters: &[
        OPTIONAL_IDENTITY,
        // Any of UserMailbox, SharedMailbox, GroupMailbox, MailContact, ChannelMailbox.
        Parameter::optional("RecipientTypeDetails", TextList),
        // Matches the start of a word of the display name, the alias or an address.
        Parameter::optional("Anr", Text),
        RESULT_SIZE,
    ],
    output: &[
        OUT_IDENTITY,
        OUT_NAME,
        OUT_DISPLAY_NAME,
        OUT_ALIAS,
        OUT_GUID,
        OUT_OBJECT_ID,
        OUT_PRIMARY,
        OUT_ADDRESSES,
        OUT_TYPE,
        OUT_TYPE_DETAILS,
        OUT_HIDDEN,
        OUT_CREATED,
    ],
}];
