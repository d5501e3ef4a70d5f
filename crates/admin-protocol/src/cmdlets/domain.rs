//! The organisation's accepted domains, its settings, and the DNS records that its domains need.

use super::{IDENTITY, OPTIONAL_IDENTITY};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Boolean, Switch, Text},
    Pause, Property, PropertyKind,
};

const DOMAIN: &[Property] = &[
    // The domain.
    Property::new("Identity", PropertyKind::Text),
    Property::new("Name", PropertyKind::Text),
    Property::new("DomainName", PropertyKind::Text),
    // Always `Authoritative`.
    Property::new("DomainType", PropertyKind::Text),
    // Whether new addresses get this domain when none is named. Exactly one domain is the default.
    Property::new("Default", PropertyKind::Boolean),
];

const ORGANIZATION: &[Property] = &[
    // The display name.
    Property::new("Identity", PropertyKind::Text),
    Property::new("Name", PropertyKind::Text),
    Property::new("DisplayName", PropertyKind::Text),
    Property::new("Guid", PropertyKind::Guid),
    // Whether an alias stays in the author field. Off: the primary address is written instead.
    Property::new("SendFromAliasEnabled", PropertyKind::Boolean),
];

const RECORD: &[Property] = &[
    // The accepted domain that needs the record.
    Property::new("DomainName", PropertyKind::Text),
    // The record's owner name, without a final dot.
    Property::new("Name", PropertyKind::Text),
    // MX, TXT, SRV, CNAME or A.
    Property::new("Type", PropertyKind::Text),
    // The record's data in zone file form.
    Property::new("Value", PropertyKind::Text),
    // What it is for, in a few words: `receiving`, `SPF`, `DKIM`, `DMARC`, `client set-up`, …
    Property::new("Purpose", PropertyKind::Text),
    // With -Check: Found, Differs, Missing, or Unknown when the resolver gave no answer; else null.
    Property::new("Status", PropertyKind::OptionalText),
    // With -Check: what DNS holds under the name and type; else empty.
    Property::new("Actual", PropertyKind::TextList),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-AcceptedDomain",
        synopsis: "Lists the domains whose addresses are ours.",
        caller: Caller::Anyone,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: DOMAIN,
    },
    Cmdlet {
        name: "New-AcceptedDomain",
        synopsis: "Adds a domain whose addresses are ours.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            // Taken for Exchange's sake; the domain itself is the name.
            Parameter::optional("Name", Text),
            Parameter::mandatory("DomainName", Text).at(1),
        ],
        output: DOMAIN,
    },
    Cmdlet {
        name: "Set-AcceptedDomain",
        synopsis: "Makes a domain the default one.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY, Parameter::mandatory("MakeDefault", Boolean)],
        output: DOMAIN,
    },
    Cmdlet {
        name: "Remove-AcceptedDomain",
        synopsis: "Removes a domain that no recipient has an address in; never the last one.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY],
        output: &[],
    },
    Cmdlet {
        name: "Get-OrganizationConfig",
        synopsis: "Shows the settings of the whole organisation.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[],
        output: ORGANIZATION,
    },
    Cmdlet {
        name: "Set-OrganizationConfig",
        synopsis: "Changes the settings of the whole organisation.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("DisplayName", Text),
            Parameter::optional("SendFromAliasEnabled", Boolean),
        ],
        output: ORGANIZATION,
    },
    Cmdlet {
        name: "Get-DnsRecord",
        synopsis: "Lists the DNS records that each domain needs, and with -Check compares.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("DomainName", Text).at(1),
            Parameter::optional("Check", Switch),
        ],
        output: RECORD,
    },
];
