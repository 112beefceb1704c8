//! The tables activation, activation_withdrawal and rejected_answer. They are the reseller's house, so the second fence is
//! the reseller alone: the house door acts for a customer and reads its reseller's rows.

mod serving;
mod watch;
mod withdrawals;

use serde_json::Value;
use uuid::Uuid;

use super::{Activation, Trip, Whom, Withdrawal};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::{ActivationId, TenantId},
    page::Page,
    plugins::world_named,
};

pub(super) use serving::{Asked, active_of_plugin, first_effective, serving};
pub(super) use watch::{count, reject, watched};
pub(super) use withdrawals::withdraw;

/// A decision's first row, or its only one: its id is the decision's.
pub(super) async fn insert(
    tx: &mut WriteTx,
    activation: &Activation,
    customer: Option<TenantId>,
) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let replaces_own = activation.whom == Whom::All { replacing_own: true };
    let done = sqlx::query!(
        "insert into activation (reseller_id, tenant_id, id, world, carrier_id, customer_id, release_id, settings,
            effective_at, created_at, created_by, replaces_own, trip)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        reseller,
        activation.id.uuid(),
        activation.world.name(),
        activation.carrier.map(|id| id.uuid()),
        customer.map(|id| id.uuid()),
        activation.release.uuid(),
        activation.settings,
        activation.effective_at,
        activation.created_at,
        activation.created_by,
        replaces_own,
        activation.trip.as_ref().map(Trip::to_stored)
    )
    .execute(tx.conn())
    .await
    .on_constraint("activation_carrier", || Fault::Missing)
    .on_constraint("activation_customer", || Fault::Missing)?;
    exactly_one(done.rows_affected())
}

/// The decision for one more customer.
pub(super) async fn insert_part(
    tx: &mut WriteTx,
    id: Uuid,
    of: ActivationId,
    customer: TenantId,
) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "insert into activation (reseller_id, tenant_id, id, decision_id, customer_id, world, carrier_id, release_id,
            settings, effective_at, created_at, created_by)
        select reseller_id, tenant_id, $3, id, $4, world, carrier_id, release_id, settings, effective_at, created_at,
            created_by
        from activation
        where reseller_id = $1 and id = $2",
        reseller,
        of.uuid(),
        id,
        customer.uuid()
    )
    .execute(tx.conn())
    .await
    .on_constraint("activation_customer", || Fault::Missing)?;
    exactly_one(done.rows_affected())
}

/// A decision as it is read, with its customers and its withdrawal.
struct Row {
    id: Uuid,
    world: String,
    carrier_id: Option<Uuid>,
    customer_id: Option<Uuid>,
    others: Vec<Uuid>,
    release_id: Uuid,
    settings: Value,
    effective_at: Timestamp,
    created_at: Timestamp,
    created_by: Option<Uuid>,
    replaces_own: bool,
    trip: Option<Value>,
    withdrawn_at: Option<Timestamp>,
    reason: Option<String>,
    detail: Option<String>,
    withdrawn_by: Option<Uuid>,
}

impl Row {
    fn activation(self) -> Result<Activation> {
        let whom = match self.customer_id {
            Some(first) => Whom::Customers(
                std::iter::once(first)
                    .chain(self.others)
                    .map(Into::into)
                    .collect(),
            ),
            None => Whom::All {
                replacing_own: self.replaces_own,
            },
        };
        let withdrawal = match (self.withdrawn_at, self.reason, self.detail) {
            (Some(at), Some(reason), Some(detail)) => Some(Withdrawal {
                reason: super::Reason::parse(&reason)?,
                detail,
                at,
                by: self.withdrawn_by,
            }),
            _ => None,
        };
        Ok(Activation {
            id: self.id.into(),
            world: world_named(&self.world)?,
            carrier: self.carrier_id.map(Into::into),
            whom,
            release: self.release_id.into(),
            settings: self.settings,
            effective_at: self.effective_at,
            created_at: self.created_at,
            created_by: self.created_by,
            trip: self.trip.map(Trip::from_stored).transpose()?,
            withdrawal,
        })
    }
}

pub(super) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Activation>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.world, a.carrier_id, a.customer_id, a.release_id, a.settings, a.effective_at, a.created_at,
            a.created_by, a.replaces_own, a.trip, w.at as "withdrawn_at?", w.reason as "reason?", w.detail as "detail?",
            w.withdrawn_by,
            array(
                select p.customer_id from activation p
                where p.reseller_id = a.reseller_id and p.decision_id = a.id
                order by p.id) as "others!"
        from activation a
        left join activation_withdrawal w on w.reseller_id = a.reseller_id and w.activation_id = a.id
        where a.reseller_id = $1 and a.decision_id is null and a.id > $2
        order by a.id
        limit $3"#,
        reseller,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::activation).collect()
}

/// One decision, by the id of its first row.
pub async fn find(tx: &mut impl Tx, id: ActivationId) -> Result<Activation> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        r#"select a.id, a.world, a.carrier_id, a.customer_id, a.release_id, a.settings, a.effective_at, a.created_at,
            a.created_by, a.replaces_own, a.trip, w.at as "withdrawn_at?", w.reason as "reason?", w.detail as "detail?",
            w.withdrawn_by,
            array(
                select p.customer_id from activation p
                where p.reseller_id = a.reseller_id and p.decision_id = a.id
                order by p.id) as "others!"
        from activation a
        left join activation_withdrawal w on w.reseller_id = a.reseller_id and w.activation_id = a.id
        where a.reseller_id = $1 and a.decision_id is null and a.id = $2"#,
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.activation()
}
