//! What a job does, and to which row.

use uuid::Uuid;

use crate::ids::{
    ActivationId, AlertId, CarrierId, ChangeId, DepartureId, DomainId, ExportId, InvitationId, MailId,
    NotificationId, OperationId, ReturnLegId, ScheduleId, ShadowId, TenantId,
};

/// What a job does, and to which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Call somebody about a carrier that is held back, or settle that.
    WatchCarrier(CarrierId),
    /// Have the ports at a carrier read back that nobody looked at for long.
    ReconcileCarrier(CarrierId),
    /// Take an operation as far as it goes.
    RunOperation(OperationId),
    /// See what a carrier's notification is about.
    HandleNotification(NotificationId),
    /// Begin a bandwidth change that is due.
    StartChange(ChangeId),
    /// Begin a window's return leg that is due.
    StartReturn(ReturnLegId),
    /// Book the windows of a schedule's next days.
    PlanSchedule(ScheduleId),
    /// Give up a bandwidth change that was held and that nobody booked.
    ExpireHold(ChangeId),
    /// Give up a bandwidth change that nobody approved.
    ExpireApproval(ChangeId),
    /// Call the next person about an alert.
    EscalateAlert(AlertId),
    /// See whether too many calls of what was activated fail.
    JudgeActivation(ActivationId),
    /// Price a past month by a release that is tried.
    RunShadow(ShadowId),
    /// See whether a proven host still has its record in the DNS.
    CheckDomain(DomainId),
    /// Send a mail.
    SendMail(MailId),
    /// Make an archive that was asked for.
    MakeExport(ExportId),
    /// Remove an archive that was kept long enough.
    RemoveExport(ExportId),
    /// Empty a tenant whose grace period is over.
    EndDeparture(DepartureId),
    /// Delete the documents that were kept of a tenant that is gone.
    ForgetDocuments(DepartureId),
    /// Forget whom an invitation was for that nobody can accept any more.
    ForgetInvitation(InvitationId),
    /// Forget the runs of a reseller's plugins that were kept long enough.
    ForgetRuns(TenantId),
}

impl Kind {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WatchCarrier(_) => "watch_carrier",
            Self::ReconcileCarrier(_) => "reconcile_carrier",
            Self::RunOperation(_) => "run_operation",
            Self::HandleNotification(_) => "handle_notification",
            Self::StartChange(_) => "start_change",
            Self::StartReturn(_) => "start_return",
            Self::PlanSchedule(_) => "plan_schedule",
            Self::ExpireHold(_) => "expire_hold",
            Self::ExpireApproval(_) => "expire_approval",
            Self::EscalateAlert(_) => "escalate_alert",
            Self::JudgeActivation(_) => "judge_activation",
            Self::RunShadow(_) => "run_shadow",
            Self::CheckDomain(_) => "check_domain",
            Self::SendMail(_) => "send_mail",
            Self::MakeExport(_) => "make_export",
            Self::RemoveExport(_) => "remove_export",
            Self::EndDeparture(_) => "end_departure",
            Self::ForgetDocuments(_) => "forget_documents",
            Self::ForgetInvitation(_) => "forget_invitation",
            Self::ForgetRuns(_) => "forget_runs",
        }
    }

    /// The row the work is about.
    pub const fn subject(self) -> Uuid {
        match self {
            Self::WatchCarrier(id) | Self::ReconcileCarrier(id) => id.uuid(),
            Self::RunOperation(id) => id.uuid(),
            Self::HandleNotification(id) => id.uuid(),
            Self::StartChange(id) => id.uuid(),
            Self::StartReturn(id) => id.uuid(),
            Self::PlanSchedule(id) => id.uuid(),
            Self::ExpireHold(id) => id.uuid(),
            Self::ExpireApproval(id) => id.uuid(),
            Self::EscalateAlert(id) => id.uuid(),
            Self::JudgeActivation(id) => id.uuid(),
            Self::RunShadow(id) => id.uuid(),
            Self::CheckDomain(id) => id.uuid(),
            Self::SendMail(id) => id.uuid(),
            Self::MakeExport(id) | Self::RemoveExport(id) => id.uuid(),
            Self::EndDeparture(id) | Self::ForgetDocuments(id) => id.uuid(),
            Self::ForgetInvitation(id) => id.uuid(),
            Self::ForgetRuns(reseller) => reseller.uuid(),
        }
    }

    /// Every kind about one row.
    fn all(subject: Uuid) -> [Self; 20] {
        [
            Self::WatchCarrier(subject.into()),
            Self::ReconcileCarrier(subject.into()),
            Self::RunOperation(subject.into()),
            Self::HandleNotification(subject.into()),
            Self::StartChange(subject.into()),
            Self::StartReturn(subject.into()),
            Self::PlanSchedule(subject.into()),
            Self::ExpireHold(subject.into()),
            Self::ExpireApproval(subject.into()),
            Self::EscalateAlert(subject.into()),
            Self::JudgeActivation(subject.into()),
            Self::RunShadow(subject.into()),
            Self::CheckDomain(subject.into()),
            Self::SendMail(subject.into()),
            Self::MakeExport(subject.into()),
            Self::RemoveExport(subject.into()),
            Self::EndDeparture(subject.into()),
            Self::ForgetDocuments(subject.into()),
            Self::ForgetInvitation(subject.into()),
            Self::ForgetRuns(subject.into()),
        ]
    }

    /// The kind of this name about this row; none for a name that this release does not know.
    pub fn parse(name: &str, subject: Uuid) -> Option<Self> {
        Self::all(subject).into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kind() {
        let subject = Uuid::from_u128(7);
        for kind in Kind::all(subject) {
            assert_eq!(Kind::parse(kind.name(), kind.subject()), Some(kind));
        }
        assert_eq!(Kind::parse("unknown", subject), None);
    }
}
