//! What the code can ask for. Roles are rows that name these; code checks permissions and never role names.

macro_rules! permissions {
    ($($variant:ident $name:literal $customers:literal $summary:literal)*) => {
        /// Something a caller may do in its tenant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $(#[doc = $summary] $variant,)*
            /// Work accepted earlier, carried out by the host. No role can hold it.
            AcceptedWork,
        }

        impl Permission {
            /// Every permission a role can hold.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in roles, keys and problems.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::AcceptedWork => "accepted_work",
                }
            }

            /// Whether roles of customers can hold it.
            pub const fn for_customers(self) -> bool {
                match self {
                    $(Self::$variant => $customers,)*
                    Self::AcceptedWork => false,
                }
            }

            /// One sentence for whoever grants it.
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)*
                    Self::AcceptedWork => "Carry out accepted work",
                }
            }
        }
    };
}

permissions! {
    TenantRead "tenant.read" true "See the tenant itself and one's own standing"
    TenantExport "tenant.export" true "Take all of the tenant's data along as an archive"
    TenantLeave "tenant.leave" true "Have the tenant deleted, and take that back"
    MembersRead "members.read" true "See members, roles and invitations"
    MembersWrite "members.write" true "Invite and remove members, make roles"
    KeysRead "keys.read" true "See API keys and sessions, never their secrets"
    KeysWrite "keys.write" true "Make and revoke API keys, end sessions"
    CustomersRead "customers.read" false "See customers"
    CustomersWrite "customers.write" false "Add customers, set what holds for them and invite their first members"
    DomainsRead "domains.read" false "See the hosts that the reseller is served at"
    DomainsWrite "domains.write" false "Claim hosts, prove and remove them"
    FederationRead "federation.read" false "See identity providers, never their secrets"
    FederationWrite "federation.write" false "Add and remove identity providers"
    PluginsRead "plugins.read" false "See plugins, releases, reports, activations and runs"
    PluginsUpload "plugins.upload" false "Upload releases"
    PluginsApprove "plugins.approve" false "Approve what a release asks for"
    PluginsActivate "plugins.activate" false "Choose which release serves whom since when"
    PluginsReplay "plugins.replay" false "See what plugins were asked and printed, and ask them again"
    CarriersRead "carriers.read" false "See carriers, destinations and which credentials exist"
    CarriersWrite "carriers.write" false "Connect carriers, set destinations and credentials"
    PortsRead "ports.read" true "See ports, their speeds, observations and intervals"
    PortsWrite "ports.write" false "Add and close ports"
    BandwidthRead "bandwidth.read" true "See quotes, bandwidth changes and operations"
    BandwidthChange "bandwidth.change" true "Quote, book and cancel bandwidth changes"
    BandwidthApprove "bandwidth.approve" true "Approve and reject bandwidth changes that wait for it"
    DriftSettle "drift.settle" false "Adopt a port's speed that nobody asked for, or have it corrected"
    BillingRead "billing.read" true "See charges, receipts and invoices"
    BillingRun "billing.run" false "Price a period and issue invoices"
    WorkRepair "work.repair" false "Take up again, or let be, work that was set aside or given up; cancel operations"
    AuditRead "audit.read" true "See audit events"
    AlertsRead "alerts.read" false "See what needs a person, and who was called"
    AlertsAcknowledge "alerts.acknowledge" false "Say that one looks at an alert"
    SettingsRead "settings.read" true "See settings and what is in force"
    SettingsWrite "settings.write" true "Set what the tenant decides for itself"
}

impl Permission {
    /// Whether it only lets somebody look: what is left to a suspended tenant and to an operator's ordinary visit.
    pub fn is_read(self) -> bool {
        self.name().ends_with(".read")
    }

    /// Whether a tenant that is leaving still has it: it looks, takes its data along, and can stay.
    pub fn is_for_leaving(self) -> bool {
        self.is_read() || matches!(self, Self::TenantExport | Self::TenantLeave)
    }

    /// The permission of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.name() == name)
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// Whether the set has it.
    pub fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// What is in this set and not in `other`.
    pub fn beyond(self, other: Self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |p| self.has(*p) && !other.has(*p))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(
            permissions
                .into_iter()
                .fold(0, |set, permission| set | 1 << permission as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_permission() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.name()), Some(*permission));
        }
        assert_eq!(Permission::parse(Permission::AcceptedWork.name()), None);
    }

    #[test]
    fn a_set_has_what_it_was_given_and_no_more() {
        let some: Permissions = [Permission::PortsRead, Permission::AuditRead]
            .into_iter()
            .collect();
        assert!(some.has(Permission::PortsRead) && !some.has(Permission::PortsWrite));
        let other: Permissions = [Permission::PortsRead].into_iter().collect();
        assert_eq!(some.beyond(other).collect::<Vec<_>>(), [Permission::AuditRead]);
    }
}
