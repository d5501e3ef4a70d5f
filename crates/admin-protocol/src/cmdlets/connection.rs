//! What a client asks first: who am I here, and with whom do I speak.

use crate::cmdlet::{Caller, Cmdlet, Pause, Property, PropertyKind};

pub(super) const CMDLETS: &[Cmdlet] = &[Cmdlet {
    name: "Get-ConnectionInformation",
    synopsis: "Shows who the caller is and which server answers.",
    caller: Caller::Anyone,
    pause: Pause::None,
    parameters: &[],
    output: &[
        // Always `Connected`.
        Property::new("State", PropertyKind::Text),
        // The caller's login; for the local socket the name under which the audit knows him.
        Property::new("UserPrincipalName", PropertyKind::Text),
        // Guichet's own: Member, Auditor or Administrator.
        Property::new("Role", PropertyKind::Text),
        // The organisation's name and GUID, and its default domain.
        Property::new("Organization", PropertyKind::Text),
        Property::new("TenantID", PropertyKind::Guid),
        Property::new("DefaultDomain", PropertyKind::Text),
        // Guichet's own: the server's version.
        Property::new("ServerVersion", PropertyKind::Text),
        // When the token ends; null for the local socket and for tokens without an end.
        Property::new("TokenExpiryTimeUTC", PropertyKind::OptionalTimestamp),
    ],
}];
