//! What a job does, and to which row.

use uuid::Uuid;

use crate::ids::{AlertId, ChangeId, DomainId, MailId, OperationId, ReturnLegId};

/// What a job does, and to which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Take an operation as far as it goes.
    RunOperation(OperationId),
    /// Begin a bandwidth change that is due.
    StartChange(ChangeId),
    /// Begin a window's return leg that is due.
    StartReturn(ReturnLegId),
    /// Give up a bandwidth change that nobody approved.
    ExpireApproval(ChangeId),
    /// Call the next person about an alert.
    EscalateAlert(AlertId),
    /// See whether a proven host still has its record in the DNS.
    CheckDomain(DomainId),
    /// Send a mail.
    SendMail(MailId),
}

impl Kind {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunOperation(_) => "run_operation",
            Self::StartChange(_) => "start_change",
            Self::StartReturn(_) => "start_return",
            Self::ExpireApproval(_) => "expire_approval",
            Self::EscalateAlert(_) => "escalate_alert",
            Self::CheckDomain(_) => "check_domain",
            Self::SendMail(_) => "send_mail",
        }
    }

    /// The row the work is about.
    pub const fn subject(self) -> Uuid {
        match self {
            Self::RunOperation(id) => id.uuid(),
            Self::StartChange(id) => id.uuid(),
            Self::StartReturn(id) => id.uuid(),
            Self::ExpireApproval(id) => id.uuid(),
            Self::EscalateAlert(id) => id.uuid(),
            Self::CheckDomain(id) => id.uuid(),
            Self::SendMail(id) => id.uuid(),
        }
    }

    /// The kind of this name about this row; none for a name that this release does not know.
    pub fn parse(name: &str, subject: Uuid) -> Option<Self> {
        let kinds: [Self; 7] = [
            Self::RunOperation(subject.into()),
            Self::StartChange(subject.into()),
            Self::StartReturn(subject.into()),
            Self::ExpireApproval(subject.into()),
            Self::EscalateAlert(subject.into()),
            Self::CheckDomain(subject.into()),
            Self::SendMail(subject.into()),
        ];
        kinds.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kind() {
        let subject = Uuid::from_u128(7);
        for kind in [
            Kind::RunOperation(subject.into()),
            Kind::StartChange(subject.into()),
            Kind::StartReturn(subject.into()),
            Kind::ExpireApproval(subject.into()),
            Kind::EscalateAlert(subject.into()),
            Kind::CheckDomain(subject.into()),
            Kind::SendMail(subject.into()),
        ] {
            assert_eq!(Kind::parse(kind.name(), kind.subject()), Some(kind));
        }
        assert_eq!(Kind::parse("unknown", subject), None);
    }
}
