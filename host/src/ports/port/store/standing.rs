//! Ports with all that says how they stand, in one query for however many there are.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Port, Row};
use crate::{
    app::Timestamp,
    db::{Ask, ByKey, Scope, Tx},
    fault::Result,
    ids::PortId,
    ports::{
        mbps,
        speed::{Base, Plan, Window},
        verified::Latest,
    },
    settings,
};

/// A port, what is planned for it, and what was last seen of it.
pub(in crate::ports::port) struct Stands {
    pub port: Port,
    pub plan: Plan,
    pub observed: Option<Latest>,
    /// Whether anybody of its house ever made one of the settings that it is shown by.
    pub has_settings: bool,
}

/// How ports stand, with the windows that end after `since`: one query, for whatever literal says
/// which of them are `asked`. The plan is that of [`plan`](crate::ports::plan): no window that waits for approval.
macro_rules! standings {
    ($asked:literal, $what:expr, $scope:expr, $since:expr $(, $by:expr)*) => {
        sqlx::query_as!(
            Found,
            "select p.reseller_id, p.tenant_id, p.id, p.name, p.carrier_id, p.location_id, p.reference, p.state, p.version, p.created_at,
                base.mbps as \"base_mbps!\", base.effective_at as \"base_effective_at!: Vec<Timestamp>\",
                booked.mbps as \"booked_mbps!\", booked.starts_at as \"booked_starts_at!: Vec<Timestamp>\",
                booked.ends_at as \"booked_ends_at!: Vec<Timestamp>\",
                seen.mbps as \"seen_mbps?\", seen.observed_at as \"seen_at?\",
                exists (select from setting_made m where m.reseller_id = $1 and m.key = any($5)) as \"has_settings!\"
            from "
                + $asked
                + "
            cross join lateral (
                select reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, version, created_at
                from port
                where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                    and id = asked.id
                limit 1) p
            cross join lateral (
                select coalesce(array_agg(mbps), '{}') as mbps, coalesce(array_agg(effective_at), '{}') as effective_at
                from (
                    select b.mbps, b.effective_at
                    from port_base b
                    where b.reseller_id = $1 and ($2::uuid is null or b.tenant_id = $2)
                        and b.port_id = p.id
                    union all
                    select c.mbps, c.starts_at
                    from bandwidth_change c
                    where c.reseller_id = $1 and ($2::uuid is null or c.tenant_id = $2)
                        and c.port_id = p.id
                        and c.kind = 'base'
                        and c.state in ('scheduled', 'applying', 'applied')
                        and not exists (
                            select from port_base b
                            where b.reseller_id = $1 and b.port_id = p.id and b.change_id = c.id)) bases) base
            cross join lateral (
                select coalesce(array_agg(c.mbps), '{}') as mbps, coalesce(array_agg(c.starts_at), '{}') as starts_at,
                    coalesce(array_agg(c.ends_at), '{}') as ends_at
                from bandwidth_change c
                where c.reseller_id = $1 and ($2::uuid is null or c.tenant_id = $2)
                    and c.port_id = p.id
                    and c.kind = 'window'
                    and c.state not in ('quoted', 'awaiting_approval', 'rejected', 'cancelled', 'expired', 'failed', 'reverted')
                    and c.ends_at > $4) booked
            left join lateral (
                select o.mbps, o.observed_at
                from observation o
                where o.reseller_id = $1 and ($2::uuid is null or o.tenant_id = $2)
                    and o.port_id = p.id
                order by o.observed_at desc, o.id desc
                limit 1) seen on true",
            $scope.reseller().uuid(),
            $scope.customer().map(|id| id.uuid()),
            $what,
            $since,
            &settings::PORT_KEYS.map(|key| key.name().to_owned())
            $(, $by)*
        )
    };
}

/// How these ports stand, in the order of their ids.
pub(in crate::ports::port) async fn stands(
    tx: &mut impl Tx,
    ids: &[Uuid],
    since: Timestamp,
) -> Result<Vec<Stands>> {
    let scope = tx.scope();
    // Each port is looked up by itself, and how many there are is hidden: planned for any number of them, the query would
    // read a tenant's ports through, and planned for the given number it would be planned anew each time.
    let found = standings!("unnest((select $3::uuid[])) asked (id)", ids, scope, since);
    let mut found = found.fetch_all(tx.conn()).await?;
    found.sort_unstable_by_key(|row| row.id);
    Ok(found.into_iter().map(Stands::from).collect())
}

/// How one port stands, asked in one statement.
pub(in crate::ports::port) struct OnePort {
    pub id: PortId,
    pub since: Timestamp,
}

impl Ask for OnePort {
    type Answer = Stands;

    async fn ask(&self, conn: &mut PgConnection, scope: Scope, by: Option<ByKey>) -> Result<Option<Stands>> {
        let found = match by {
            None => {
                let found = standings!(
                    "(select tenancy.enter($1, $2), $3::uuid as id) asked",
                    self.id.uuid(),
                    scope,
                    self.since
                );
                found.fetch_optional(conn).await?
            }
            Some(by) => {
                let found = standings!(
                    "(select tenancy.enter($1, $2), $3::uuid as id, $6::uuid as key) asked
                    cross join lateral tenancy.key_for($1, coalesce($2, $1), asked.key, $7, $8) good",
                    self.id.uuid(),
                    scope,
                    self.since,
                    by.id.uuid(),
                    by.permission.name(),
                    by.now
                );
                found.fetch_optional(conn).await?
            }
        };
        Ok(found.map(Stands::from))
    }
}

/// A row of it.
struct Found {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    carrier_id: Uuid,
    location_id: Option<Uuid>,
    reference: String,
    state: String,
    version: i32,
    created_at: Timestamp,
    base_mbps: Vec<i32>,
    base_effective_at: Vec<Timestamp>,
    booked_mbps: Vec<i32>,
    booked_starts_at: Vec<Timestamp>,
    booked_ends_at: Vec<Timestamp>,
    seen_mbps: Option<i32>,
    seen_at: Option<Timestamp>,
    has_settings: bool,
}

impl From<Found> for Stands {
    fn from(row: Found) -> Self {
        Self {
            plan: Plan::new(
                bases(&row.base_mbps, &row.base_effective_at),
                windows(&row.booked_mbps, &row.booked_starts_at, &row.booked_ends_at),
            ),
            observed: row.seen_mbps.zip(row.seen_at).map(|(seen, observed_at)| Latest {
                mbps: mbps(seen),
                observed_at,
            }),
            has_settings: row.has_settings,
            port: Port::from(Row {
                reseller_id: row.reseller_id,
                tenant_id: row.tenant_id,
                id: row.id,
                name: row.name,
                carrier_id: row.carrier_id,
                location_id: row.location_id,
                reference: row.reference,
                state: row.state,
                version: row.version,
                created_at: row.created_at,
            }),
        }
    }
}

fn bases(speeds: &[i32], since: &[Timestamp]) -> impl Iterator<Item = Base> {
    let pairs = speeds.iter().zip(since);
    pairs.map(|(speed, since)| Base {
        mbps: mbps(*speed),
        effective_at: *since,
    })
}

fn windows(speeds: &[i32], starts: &[Timestamp], ends: &[Timestamp]) -> impl Iterator<Item = Window> {
    let times = starts.iter().zip(ends);
    speeds.iter().zip(times).map(|(speed, (start, end))| Window {
        mbps: mbps(*speed),
        starts_at: *start,
        ends_at: *end,
    })
}
