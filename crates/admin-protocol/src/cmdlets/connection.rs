//! What a client asks first: who am I here, and with whom do I speak.

use crate::cmdlet::{Caller, Cmdlet, Example, Pause, Property, PropertyKind};

pub(super) const CMDLETS: &[Cmdlet] = &[Cmdlet {
    name: "Get-ConnectionInformation",
    synopsis: "Shows who the caller is and which server answers.",
    caller: Caller::Anyone,
    pause: Pause::None,
    parameters: &[],
    output: &[
        Property::new("ConnectionId", PropertyKind::Text)
            .says("What the client called the connection in the header connection-id; else empty."),
        Property::new("State", PropertyKind::Text).says("Always `Connected`."),
        Property::new("UserPrincipalName", PropertyKind::Text).says(
            "The caller's login; for the local socket the name under which the audit knows him.",
        ),
        Property::new("Id", PropertyKind::Integer)
            .says("Always 1: one connection is shown, this one."),
        Property::new("Name", PropertyKind::Text).says("Always `ExchangeOnline_1`."),
        Property::new("ConnectionUri", PropertyKind::Text).says("Where the server was reached."),
        Property::new("TokenStatus", PropertyKind::Text).says("Always `Active`: who asks got in."),
        Property::new("PageSize", PropertyKind::Integer).says("Objects of one page at most."),
        Property::new("CertificateAuthentication", PropertyKind::Boolean).says("Always false."),
        Property::new("IsEopSession", PropertyKind::Boolean).says("Always false."),
        Property::new("Role", PropertyKind::Text)
            .says("Guichet's own: Member, Auditor or Administrator."),
        Property::new("Organization", PropertyKind::Text)
            .says("The organisation's name and GUID, and its default domain."),
        Property::new("TenantID", PropertyKind::Guid),
        Property::new("DefaultDomain", PropertyKind::Text),
        Property::new("ServerVersion", PropertyKind::Text)
            .says("Guichet's own: the server's version."),
        Property::new("TokenExpiryTimeUTC", PropertyKind::OptionalTimestamp)
            .says("When the token ends; null for the local socket and for tokens without an end."),
    ],
    display: &["UserPrincipalName", "Role", "Organization", "DefaultDomain", "ServerVersion"],
    examples: &[Example::new("Get-ConnectionInformation", "Shows who you are to the server.")],
}];
