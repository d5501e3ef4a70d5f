//! Distribution groups, which Guichet does not have: every group of ours has a mailbox. The cmdlets
//! are here for tools that ask all kinds of groups, and answer as Exchange answers about groups of
//! the kind that we have.

use super::{
    ANR, FILTER, IDENTITY, OPTIONAL_IDENTITY, OUT_ADDRESSES, OUT_ALIAS, OUT_DISPLAY_NAME, OUT_GUID,
    OUT_IDENTITY, OUT_NAME, OUT_OBJECT_ID, OUT_PRIMARY, OUT_TYPE, OUT_TYPE_DETAILS, RESULT_SIZE,
    SORT_BY,
};
use crate::cmdlet::{Caller, Cmdlet, Example, Pause};

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-DistributionGroup",
        synopsis: "Lists distribution groups: none, since groups with a mailbox are not listed \
                   here.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY, ANR, FILTER, SORT_BY, RESULT_SIZE],
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
        ],
        display: &["DisplayName", "PrimarySmtpAddress"],
        examples: &[Example::new(
            "Get-DistributionGroup",
            "Answers nothing; Get-UnifiedGroup lists our groups.",
        )],
    },
    Cmdlet {
        name: "Get-DistributionGroupMember",
        synopsis: "Lists the members of a group.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[IDENTITY, RESULT_SIZE],
        output: &[
            OUT_IDENTITY,
            OUT_NAME,
            OUT_DISPLAY_NAME,
            OUT_ALIAS,
            OUT_GUID,
            OUT_PRIMARY,
            OUT_TYPE,
            OUT_TYPE_DETAILS,
        ],
        display: &["DisplayName", "PrimarySmtpAddress", "RecipientType"],
        examples: &[Example::new(
            "Get-DistributionGroupMember support",
            "Lists the members; Get-UnifiedGroupLinks also says who is an owner.",
        )],
    },
];
