//! Typed ids: one type for each kind of row, so that a port's id cannot be passed for a customer's.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The bare id, for SQL and for the wire.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A reseller or a customer (or the operator's own row).
    TenantId
    /// A person.
    UserId
    /// A person's standing in one tenant.
    MembershipId
    /// A named set of permissions in one tenant.
    RoleId
    /// A signed-in person at one reseller.
    SessionId
    /// A key that names its tenant.
    ApiKeyId
    /// A plugin: a name in one tenant.
    PluginId
    /// An uploaded component.
    ReleaseId
    /// Which release serves a world since when.
    ActivationId
    /// A reseller's connection to a network provider.
    CarrierId
    /// Where a carrier's ports are.
    LocationId
    /// A secret for a carrier.
    CredentialId
    /// A customer's port.
    PortId
    /// A price that was offered.
    QuoteId
    /// Windows that come again.
    ScheduleId
    /// Something a carrier said by itself.
    NotificationId
    /// A time at which a schedule has a window.
    OccurrenceId
    /// A change of a port's speed.
    ChangeId
    /// What ends a window.
    ReturnLegId
    /// One thing asked of a carrier.
    OperationId
    /// What a read-back showed.
    ObservationId
    /// A stretch of verified bandwidth.
    IntervalId
    /// A port that had another speed than it was meant to have.
    DriftId
    /// A host name that a reseller is served at.
    DomainId
    /// What people of one company sign in with.
    IdentityProviderId
    /// Work to do.
    JobId
    /// A mail to somebody.
    MailId
    /// A way into a tenant for one address.
    InvitationId
    /// One tenant's period priced at one level.
    BillingRunId
    /// What priced a port's charges.
    ReceiptId
    /// A priced stretch.
    ChargeId
    /// An invoice.
    InvoiceId
    /// A release tried over a past month.
    ShadowId
    /// Something that needs a person.
    AlertId
    /// An archive of a tenant's data.
    ExportId
    /// That a tenant leaves.
    DepartureId
    /// An audit event.
    AuditEventId
    /// A named person who runs the platform.
    OperatorId
    /// A stretch in which a tenant began nothing new.
    SuspensionId
    /// An operator's time inside a tenant.
    VisitId
}
