//! The organisation's accepted domains, its settings, and the DNS records that its domains need.

use super::{IDENTITY, OPTIONAL_IDENTITY};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Boolean, OneOf, Switch, Text},
    Pause, Property, PropertyKind,
};

const DOMAIN: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The domain."),
    Property::new("Name", PropertyKind::Text),
    Property::new("DomainName", PropertyKind::Text),
    Property::new("DomainType", PropertyKind::Text).says("Always `Authoritative`."),
    Property::new("Default", PropertyKind::Boolean).says(
        "Whether new addresses get this domain when none is named. Exactly one domain is the \
         default.",
    ),
];

const ORGANIZATION: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The display name."),
    Property::new("Name", PropertyKind::Text),
    Property::new("DisplayName", PropertyKind::Text),
    Property::new("Guid", PropertyKind::Guid),
    Property::new("SendFromAliasEnabled", PropertyKind::Boolean).says(
        "Whether an alias stays in the author field. Off: the primary address is written instead.",
    ),
    Property::new("SendAsReportSchedule", PropertyKind::Text)
        .says("Guichet's own: Never, or Monthly to owners and auditors."),
    Property::new("Language", PropertyKind::Text)
        .says("Guichet's own: of mail that the server writes; `en` or `fr`."),
];

const RECORD: &[Property] = &[
    Property::new("DomainName", PropertyKind::Text)
        .says("The accepted domain that needs the record."),
    Property::new("Name", PropertyKind::Text).says("The record's owner name, without a final dot."),
    Property::new("Type", PropertyKind::Text).says("MX, TXT, SRV, CNAME or A."),
    Property::new("Value", PropertyKind::Text).says("The record's data in zone file form."),
    Property::new("Purpose", PropertyKind::Text).says(
        "What it is for, in a few words: `receiving`, `SPF`, `DKIM`, `DMARC`, `client set-up`, …",
    ),
    Property::new("Status", PropertyKind::OptionalText).says(
        "With -Check: Found, Differs, Missing, or Unknown when the resolver gave no answer; else \
         null.",
    ),
    Property::new("Actual", PropertyKind::TextList)
        .says("With -Check: what DNS holds under the name and type; else empty."),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-AcceptedDomain",
        synopsis: "Lists the domains whose addresses are ours.",
        caller: Caller::Anyone,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: DOMAIN,
        display: &["DomainName", "DomainType", "Default"],
        examples: &[Example::new("Get-AcceptedDomain", "Lists the domains.")],
    },
    Cmdlet {
        name: "New-AcceptedDomain",
        synopsis: "Adds a domain whose addresses are ours.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("Name", Text)
                .says("Taken for Exchange's sake; the domain itself is the name."),
            Parameter::mandatory("DomainName", Text).at(1).says("The domain."),
        ],
        output: DOMAIN,
        display: &["DomainName", "DomainType", "Default"],
        examples: &[Example::new(
            "New-AcceptedDomain contoso.fr",
            "Adds a domain and makes its DKIM keys.",
        )],
    },
    Cmdlet {
        name: "Set-AcceptedDomain",
        synopsis: "Makes a domain the default one.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::mandatory("MakeDefault", Boolean)
                .says("Only $true: another domain is made the default one instead."),
        ],
        output: DOMAIN,
        display: &["DomainName", "DomainType", "Default"],
        examples: &[Example::new(
            "Set-AcceptedDomain contoso.fr -MakeDefault $true",
            "Makes new addresses get this domain.",
        )],
    },
    Cmdlet {
        name: "Remove-AcceptedDomain",
        synopsis: "Removes a domain that no recipient has an address in; never the last one.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-AcceptedDomain contoso.fr",
            "Asks, then removes the domain.",
        )],
    },
    Cmdlet {
        name: "Get-OrganizationConfig",
        synopsis: "Shows the settings of the whole organisation.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[],
        output: ORGANIZATION,
        display: &["DisplayName", "Guid", "SendFromAliasEnabled"],
        examples: &[Example::new("Get-OrganizationConfig", "Shows the settings.")],
    },
    Cmdlet {
        name: "Set-OrganizationConfig",
        synopsis: "Changes the settings of the whole organisation.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            Parameter::optional("SendFromAliasEnabled", Boolean).says(
                "Whether an alias stays in the author field. Off: the primary address is written \
                 instead.",
            ),
            Parameter::optional("SendAsReportSchedule", OneOf(&["Never", "Monthly"])).says(
                "Guichet's own: when the report on rights to send goes to owners and auditors.",
            ),
            Parameter::optional("Language", OneOf(&["en", "fr"]))
                .says("Guichet's own: of mail that the server writes."),
        ],
        output: ORGANIZATION,
        display: &["DisplayName", "Guid", "SendFromAliasEnabled"],
        examples: &[Example::new(
            "Set-OrganizationConfig -SendFromAliasEnabled $true",
            "Lets an alias stay in the author field.",
        )],
    },
    Cmdlet {
        name: "Get-DnsRecord",
        synopsis: "Lists the DNS records that each domain needs, and with -Check compares.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("DomainName", Text).at(1).says("The domain."),
            Parameter::optional("Check", Switch).says("Compares with what DNS holds."),
        ],
        output: RECORD,
        display: &["Name", "Type", "Value", "Status"],
        examples: &[Example::new(
            "Get-DnsRecord contoso.com -Check",
            "Compares the published records with those that are needed.",
        )],
    },
];
