//! Mail flow rules (Exchange's transport rules) and journal rules. Parameters and defaults are
//! Exchange's where it has them; `SentAs`, `SentBy`, `HasAttachment`, and `Test-TransportRule` are
//! Guichet's own.

use super::{EXPECTED_VERSION, OUT_VERSION, REASON};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Boolean, Integer, OneOf, Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

const SCOPES: &[&str] = &["InOrganization", "NotInOrganization"];

/// Own parameters, then all conditions, their twins as exceptions, actions and properties.
macro_rules! with_settings {
    ([$($own:expr),*] $($name:literal $kind:expr, $help:literal;)*) => {
        &[
            $($own,)*
            $(Parameter::optional($name, $kind).says($help),)*
            $(
                Parameter::optional(concat!("ExceptIf", $name), $kind)
                    .says(concat!("The rule does not act where this holds. ", $help)),
            )*
            Parameter::optional("RejectMessageReasonText", Text)
                .says("Refuses the message with this text, in at most 1024 characters."),
            Parameter::optional("RejectMessageEnhancedStatusCode", Text)
                .says("The code of the refusal: 5.7.1, or between 5.7.900 and 5.7.999."),
            Parameter::optional("RedirectMessageTo", TextList)
                .says("Sends the message to these in the place of its recipients."),
            Parameter::optional("BlindCopyTo", TextList)
                .says("Sends the message to these too; nobody is told."),
            Parameter::optional("AddToRecipients", TextList)
                .says("Sends the message to these too, and names them in To."),
            Parameter::optional("PrependSubject", Text)
                .says("Puts a text before the subject, unless the subject has it already."),
            Parameter::optional("RemoveHeader", Text).says("Removes the header fields of a name."),
            Parameter::optional("SetHeaderName", Text)
                .says("Writes a header field; none about author, date, content or trace."),
            Parameter::optional("SetHeaderValue", Text).says("What -SetHeaderName writes."),
            Parameter::optional("StopRuleProcessing", Boolean)
                .says("Whether the rules behind it are not asked where it acted."),
            Parameter::optional("Mode", OneOf(&["Enforce", "Audit"]))
                .says("Audit: only the trace tells what the rule would have done."),
            Parameter::optional("ActivationDate", Timestamp).says("From when it is in force."),
            Parameter::optional("ExpiryDate", Timestamp).says("Until when it is in force."),
            Parameter::optional(
                "SenderAddressLocation",
                OneOf(&["Header", "Envelope", "HeaderOrEnvelope"]),
            )
            .says("Which address of the sender counts: the author's, the reverse-path, or both."),
            Parameter::optional("Comments", Text).says("Free text for administrators."),
        ]
    };
}

macro_rules! rule_parameters {
    ($($own:expr),* $(,)?) => {
        with_settings! {
            [$($own),*]
            "From" TextList, "The sender is one of these recipients or addresses.";
            "FromMemberOf" TextList, "The sender is a member of one of these groups.";
            "FromScope" OneOf(SCOPES), "The sender is an account of ours, or is not.";
            "FromAddressContainsWords" TextList, "The sender's address has one of these words.";
            "FromAddressMatchesPatterns" TextList,
                "The sender's address is as one of these regular expressions says.";
            "SenderDomainIs" TextList, "The sender's domain is one of these or below one.";
            "SentAs" TextList,
                "Guichet's own: one of ours sends in the name of one of these teams or mailboxes.";
            "SentBy" TextList,
                "Guichet's own: the account that sends is one of these, or in one of these groups.";
            "SentTo" TextList, "A recipient is one of these.";
            "SentToMemberOf" TextList, "A recipient is a member of one of these groups.";
            "SentToScope" OneOf(SCOPES), "A recipient is in a domain of ours, or is not.";
            "RecipientDomainIs" TextList, "A recipient's domain is one of these or below one.";
            "SubjectContainsWords" TextList, "The subject has one of these words or phrases.";
            "SubjectMatchesPatterns" TextList,
                "The subject is as one of these regular expressions says.";
            "HeaderContainsMessageHeader" Text, "The field that -HeaderContainsWords looks at.";
            "HeaderContainsWords" TextList, "The field has one of these words or phrases.";
            "HeaderMatchesMessageHeader" Text, "The field that -HeaderMatchesPatterns looks at.";
            "HeaderMatchesPatterns" TextList,
                "The field is as one of these regular expressions says.";
            "HasAttachment" Boolean, "Guichet's own: something is attached.";
            "AttachmentExtensionMatchesWords" TextList,
                "The name of an attachment ends with one of these.";
            "MessageSizeOver" Text, "The message is bigger than this: 10MB, or bytes.";
        }
    };
}

const IDENTITY: Parameter = Parameter::mandatory("Identity", Text).at(1).says(NAMES);
const OPTIONAL_IDENTITY: Parameter = Parameter::optional("Identity", Text)
    .at(1)
    .says("Which rule: its name or GUID. Without it all are listed.");
const NAMES: &str = "Which rule: its name or GUID.";
const NEW_NAME: Parameter = Parameter::mandatory("Name", Text)
    .at(1)
    .says("The name, of at most 64 characters; no other rule of its kind has it.");
const NAME: Parameter = Parameter::optional("Name", Text).says("The new name.");
const PRIORITY: Parameter = Parameter::optional("Priority", Integer)
    .says("Its place among the rules; 0 is asked first. A new rule goes last.");

const TRANSPORT_OUTPUT: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The name."),
    Property::new("Name", PropertyKind::Text).says("The name."),
    Property::new("Guid", PropertyKind::Guid),
    Property::new("Priority", PropertyKind::Integer).says("Its place; 0 is asked first."),
    Property::new("State", PropertyKind::Text).says("Enabled or Disabled."),
    Property::new("Mode", PropertyKind::Text).says("Enforce, or Audit: it only watches."),
    Property::new("Comments", PropertyKind::Text),
    Property::new("Conditions", PropertyKind::TextList).says("Each as `Parameter: values`."),
    Property::new("Exceptions", PropertyKind::TextList).says("The same."),
    Property::new("Actions", PropertyKind::TextList).says("The same."),
    Property::new("StopRuleProcessing", PropertyKind::Boolean),
    Property::new("SenderAddressLocation", PropertyKind::Text),
    Property::new("ActivationDate", PropertyKind::OptionalTimestamp),
    Property::new("ExpiryDate", PropertyKind::OptionalTimestamp),
    Property::new("Command", PropertyKind::Text)
        .says("Guichet's own: the cmdlet that would write the same rule."),
    Property::new("CreatedBy", PropertyKind::Text),
    Property::new("LastModifiedBy", PropertyKind::Text),
    Property::new("WhenChanged", PropertyKind::Timestamp),
    OUT_VERSION,
];
const TRANSPORT_DISPLAY: &[&str] = &["Priority", "Name", "State", "Mode", "Conditions", "Actions"];

const JOURNAL_OUTPUT: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The name."),
    Property::new("Name", PropertyKind::Text).says("The name."),
    Property::new("Guid", PropertyKind::Guid),
    Property::new("JournalEmailAddress", PropertyKind::Text).says("Where the reports go."),
    Property::new("Recipient", PropertyKind::OptionalText).says("Whose mail; null: everybody's."),
    Property::new("Scope", PropertyKind::Text).says("Global, Internal or External."),
    Property::new("Enabled", PropertyKind::Boolean),
    Property::new("Command", PropertyKind::Text)
        .says("Guichet's own: the cmdlet that would write the same rule."),
    Property::new("WhenChanged", PropertyKind::Timestamp),
    OUT_VERSION,
];
const JOURNAL_DISPLAY: &[&str] = &["Name", "Enabled", "Scope", "Recipient", "JournalEmailAddress"];

const JOURNAL_RECIPIENT: Parameter = Parameter::optional("Recipient", Text).says(
    "Whose mail is reported, sent and received: a mailbox, a contact, or a group with its members. \
     Without it everybody's.",
);
const JOURNAL_SCOPE: Parameter =
    Parameter::optional("Scope", OneOf(&["Global", "Internal", "External"])).says(
        "Global: all mail. Internal: what one of ours sends to somebody of ours. External: what \
         comes from outside or goes there.",
    );

const OUTCOME: &[Property] = &[
    Property::new("Name", PropertyKind::Text).says("The rule."),
    Property::new("Kind", PropertyKind::Text).says("Transport or Journal."),
    Property::new("Result", PropertyKind::Text).says(
        "Acts, WouldAct (it only watches), Unmet, Excepted, Disabled, OutOfTime, NotReached.",
    ),
    Property::new("Because", PropertyKind::OptionalText)
        .says("The condition that does not hold, or the exception that does."),
    Property::new("Effects", PropertyKind::TextList).says("What it does."),
];

/// A cmdlet that changes a rule that there is and answers with it.
const fn changing(
    name: &'static str,
    synopsis: &'static str,
    shape: (&'static [Property], &'static [&'static str]),
    examples: &'static [Example],
) -> Cmdlet {
    Cmdlet {
        name,
        synopsis,
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY, EXPECTED_VERSION, REASON],
        output: shape.0,
        display: shape.1,
        examples,
    }
}

const TRANSPORT: (&[Property], &[&str]) = (TRANSPORT_OUTPUT, TRANSPORT_DISPLAY);
const JOURNAL: (&[Property], &[&str]) = (JOURNAL_OUTPUT, JOURNAL_DISPLAY);

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-TransportRule",
        synopsis: "Lists the mail flow rules in their order, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("State", OneOf(&["Enabled", "Disabled"]))
                .says("Only rules in this state."),
        ],
        output: TRANSPORT_OUTPUT,
        display: TRANSPORT_DISPLAY,
        examples: &[
            Example::new("Get-TransportRule", "Lists the mail flow rules."),
            Example::new("(Get-TransportRule 'Mark').Command", "Shows how to write a rule again."),
        ],
    },
    Cmdlet {
        name: "New-TransportRule",
        synopsis: "Writes a mail flow rule. It acts on the next message that all its conditions \
                   hold for and none of its exceptions.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: rule_parameters!(
            NEW_NAME,
            PRIORITY,
            Parameter::optional("Enabled", Boolean).says("Whether it acts; $true when left out."),
            REASON
        ),
        output: TRANSPORT_OUTPUT,
        display: TRANSPORT_DISPLAY,
        examples: &[
            Example::new(
                "New-TransportRule Mark -FromScope NotInOrganization -PrependSubject '[External]'",
                "Marks mail from outside.",
            ),
            Example::new(
                "New-TransportRule 'Archive' -SentAs support -BlindCopyTo archive@fabrikam.com",
                "Copies what is sent in the name of a team.",
            ),
            Example::new(
                "New-TransportRule 'Programs' -AttachmentExtensionMatchesWords exe,scr \
                 -RejectMessageReasonText 'Send a link.'",
                "Refuses attachments.",
            ),
        ],
    },
    Cmdlet {
        name: "Set-TransportRule",
        synopsis: "Changes a mail flow rule; what is not named stays, and $null clears.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: rule_parameters!(IDENTITY, NAME, PRIORITY, EXPECTED_VERSION, REASON),
        output: TRANSPORT_OUTPUT,
        display: TRANSPORT_DISPLAY,
        examples: &[Example::new("Set-TransportRule Mark -Priority 0", "Asks a rule first.")],
    },
    changing(
        "Enable-TransportRule",
        "Lets a mail flow rule act.",
        TRANSPORT,
        &[Example::new("Enable-TransportRule Mark", "Switches a rule on.")],
    ),
    changing(
        "Disable-TransportRule",
        "Lets a mail flow rule act no more.",
        TRANSPORT,
        &[Example::new("Disable-TransportRule Mark", "Switches a rule off.")],
    ),
    Cmdlet {
        name: "Remove-TransportRule",
        synopsis: "Removes a mail flow rule.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, EXPECTED_VERSION, REASON],
        output: &[],
        display: &[],
        examples: &[Example::new("Remove-TransportRule Mark", "Asks, then removes a rule.")],
    },
    Cmdlet {
        name: "Test-TransportRule",
        synopsis: "Says which rules would act on a message, and why the others would not. Nothing \
                   is sent.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("From", Text).says("The author: an address or a recipient."),
            Parameter::mandatory("To", TextList).says("The recipients."),
            Parameter::optional("User", Text)
                .says("The account that would send it. Without it the mail comes from outside."),
            Parameter::optional("Subject", Text).says("The subject."),
            Parameter::optional("Header", TextList)
                .says("Further header fields, each as `Name: value`."),
        ],
        output: OUTCOME,
        display: &["Name", "Result", "Because", "Effects"],
        examples: &[Example::new(
            "Test-TransportRule -From support -User jean.dupont -To customer@fabrikam.com",
            "Asks the rules about mail that a person would send as a team.",
        )],
    },
    Cmdlet {
        name: "Get-JournalRule",
        synopsis: "Lists the journal rules, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: JOURNAL_OUTPUT,
        display: JOURNAL_DISPLAY,
        examples: &[Example::new("Get-JournalRule", "Lists the journal rules.")],
    },
    Cmdlet {
        name: "New-JournalRule",
        synopsis: "Writes a journal rule: a report with the whole message goes to an address.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            NEW_NAME,
            Parameter::mandatory("JournalEmailAddress", Text).says("Where the reports go."),
            JOURNAL_RECIPIENT,
            JOURNAL_SCOPE,
            Parameter::optional("Enabled", Boolean)
                .says("Whether it acts; $false when left out, as in Exchange."),
            REASON,
        ],
        output: JOURNAL_OUTPUT,
        display: JOURNAL_DISPLAY,
        examples: &[Example::new(
            "New-JournalRule 'All mail' -JournalEmailAddress archive@fabrikam.com -Enabled $true",
            "Reports all mail to an archive.",
        )],
    },
    Cmdlet {
        name: "Set-JournalRule",
        synopsis: "Changes a journal rule; what is not named stays, and $null clears.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            NAME,
            Parameter::optional("JournalEmailAddress", Text).says("Where the reports go."),
            JOURNAL_RECIPIENT,
            JOURNAL_SCOPE,
            EXPECTED_VERSION,
            REASON,
        ],
        output: JOURNAL_OUTPUT,
        display: JOURNAL_DISPLAY,
        examples: &[Example::new(
            "Set-JournalRule 'All mail' -Scope External",
            "Reports only mail that crosses the border.",
        )],
    },
    changing(
        "Enable-JournalRule",
        "Lets a journal rule act.",
        JOURNAL,
        &[Example::new("Enable-JournalRule 'All mail'", "Switches a rule on.")],
    ),
    changing(
        "Disable-JournalRule",
        "Lets a journal rule act no more.",
        JOURNAL,
        &[Example::new("Disable-JournalRule 'All mail'", "Switches a rule off.")],
    ),
    Cmdlet {
        name: "Remove-JournalRule",
        synopsis: "Removes a journal rule.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, EXPECTED_VERSION, REASON],
        output: &[],
        display: &[],
        examples: &[Example::new("Remove-JournalRule 'All mail'", "Asks, then removes a rule.")],
    },
];
