//! What Exchange can switch and Guichet cannot: taken with the value that holds here, refused with
//! any other, and with the reason. So a script that states what is so runs, and one that relies on
//! something else does not run on as if it had it.

use admin_protocol::failure::Failure;

use super::call::Call;

/// A parameter with a value that cannot be changed.
struct Fixed {
    noun: &'static str,
    parameter: &'static str,
    value: Value,
    why: &'static str,
}

/// The value that holds.
enum Value {
    Boolean(bool),
    Word(&'static str),
}

/// Why nobody can switch the copy in the represented mailbox off.
const COPY_STAYS: &str = "what is sent from a mailbox always stays in its Sent folder. For the \
                          copy in the person's own use -CopySentMailToPersonEnabled.";
const NO_DENY: &str = "there are no rights that deny; take the right back instead.";

const FIXED: [Fixed; 12] = [
    Fixed {
        noun: "Mailbox",
        parameter: "MessageCopyForSentAsEnabled",
        value: Value::Boolean(true),
        why: COPY_STAYS,
    },
    Fixed {
        noun: "Mailbox",
        parameter: "MessageCopyForSendOnBehalfEnabled",
        value: Value::Boolean(true),
        why: COPY_STAYS,
    },
    Fixed {
        noun: "Mailbox",
        parameter: "MessageCopyForSMTPClientSubmissionEnabled",
        value: Value::Boolean(true),
        why: "what a mail program submits always stays in the sender's Sent folder.",
    },
    Fixed {
        noun: "UnifiedGroup",
        parameter: "AccessType",
        value: Value::Word("Private"),
        why: "what a group receives is read by its members alone; anyone may write to it.",
    },
    Fixed {
        noun: "UnifiedGroup",
        parameter: "AutoSubscribeNewMembers",
        value: Value::Boolean(false),
        why: "members become subscribers one by one, with Add-UnifiedGroupLinks.",
    },
    Fixed {
        noun: "UnifiedGroup",
        parameter: "SubscriptionEnabled",
        value: Value::Boolean(true),
        why: "a member can always be made a subscriber.",
    },
    Fixed {
        noun: "UnifiedGroup",
        parameter: "ModerationEnabled",
        value: Value::Boolean(false),
        why: "mail to a group is not moderated.",
    },
    Fixed {
        noun: "UnifiedGroup",
        parameter: "UnifiedGroupWelcomeMessageEnabled",
        value: Value::Boolean(false),
        why: "nobody is written to for being made a member.",
    },
    Fixed {
        noun: "RecipientPermission",
        parameter: "Deny",
        value: Value::Boolean(false),
        why: NO_DENY,
    },
    Fixed {
        noun: "MailboxPermission",
        parameter: "Deny",
        value: Value::Boolean(false),
        why: NO_DENY,
    },
    Fixed {
        noun: "AcceptedDomain",
        parameter: "MakeDefault",
        value: Value::Boolean(true),
        why: "a domain stops being the default one when another one is made so.",
    },
    Fixed {
        noun: "MailboxPermission",
        parameter: "InheritanceType",
        value: Value::Word("All"),
        why: "a right is on the whole mailbox.",
    },
];

/// Refuses a call that wants something else than what is so.
pub(crate) fn check(call: &Call<'_>) -> Result<(), Failure> {
    let noun = call.cmdlet.noun();
    for fixed in FIXED.iter().filter(|fixed| fixed.noun == noun) {
        if call.cmdlet.parameter(fixed.parameter).is_none() {
            continue;
        }
        let is_so = match fixed.value {
            Value::Boolean(value) => {
                call.parameters.boolean(fixed.parameter)?.is_none_or(|given| given == value)
            }
            Value::Word(word) => {
                let given = call.parameters.text(fixed.parameter)?.filter(|text| !text.is_empty());
                given.is_none_or(|given| given.eq_ignore_ascii_case(word))
            }
        };
        if !is_so {
            let value = match fixed.value {
                Value::Boolean(true) => "$true",
                Value::Boolean(false) => "$false",
                Value::Word(word) => word,
            };
            let why = format!("only {value} can be given: {}", fixed.why);
            return Err(Failure::bad_parameter(fixed.parameter, &why));
        }
    }
    Ok(())
}
