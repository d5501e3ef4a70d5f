//! Everything that holds an address, in one list: Get-Recipient.

use super::{
    ANR, FILTER, OPTIONAL_IDENTITY, OUT_ADDRESSES, OUT_ALIAS, OUT_CREATED, OUT_CREATED_LOCAL,
    OUT_DISPLAY_NAME, OUT_GUID, OUT_HIDDEN, OUT_IDENTITY, OUT_NAME, OUT_OBJECT_ID, OUT_PRIMARY,
    OUT_TYPE, OUT_TYPE_DETAILS, RESULT_SIZE, SORT_BY,
};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter, ParameterKind::TextList, Pause, Property, PropertyKind,
};

pub(super) const CMDLETS: &[Cmdlet] = &[Cmdlet {
    name: "Get-Recipient",
    synopsis: "Lists all that holds an address, or shows one recipient.",
    // To accounts that are neither auditor nor administrator, hidden recipients are not listed.
    caller: Caller::Anyone,
    pause: Pause::None,
    parameters: &[
        OPTIONAL_IDENTITY,
        Parameter::optional("RecipientType", TextList)
            .says("Any of UserMailbox, MailUniversalDistributionGroup, MailContact."),
        Parameter::optional("RecipientTypeDetails", TextList).says(
            "Any of UserMailbox, SharedMailbox, GroupMailbox, MailContact, ChannelMailbox; of the \
             given RecipientType.",
        ),
        ANR,
        FILTER,
        SORT_BY,
        RESULT_SIZE,
    ],
    output: &[
        OUT_IDENTITY,
        OUT_NAME,
        OUT_DISPLAY_NAME,
        OUT_ALIAS,
        OUT_GUID,
        Property::new("ExchangeGuid", PropertyKind::Guid).says("The same GUID."),
        OUT_OBJECT_ID,
        OUT_PRIMARY,
        OUT_ADDRESSES,
        OUT_TYPE,
        OUT_TYPE_DETAILS,
        OUT_HIDDEN,
        OUT_CREATED,
        OUT_CREATED_LOCAL,
    ],
    display: &["Name", "RecipientTypeDetails", "PrimarySmtpAddress"],
    examples: &[
        Example::new(
            "Get-Recipient -Filter \"EmailAddresses -like '*contoso.com'\"",
            "Lists all with an address in the domain.",
        ),
        Example::new("Get-Recipient -RecipientTypeDetails MailContact", "Lists the contacts."),
    ],
}];
