//! The table of inboxes.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    db::{Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::inboxes::{Encoding, Inbox, Signature},
    ids::{CarrierId, TenantId},
};

pub(in crate::identity) async fn put_inbox(
    tx: &mut WriteTx,
    carrier: CarrierId,
    token_hash: &[u8],
    inbox: &Inbox,
    sealed: Option<Vec<u8>>,
) -> Result<()> {
    let signature = inbox.signature.as_ref();
    let done = sqlx::query!(
        "insert into inbox (reseller_id, tenant_id, carrier_id, token_hash, signature_header, signature_encoding,
            signature_prefix, signature_key, changed_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (reseller_id, carrier_id) do update
        set token_hash = excluded.token_hash, signature_header = excluded.signature_header,
            signature_encoding = excluded.signature_encoding, signature_prefix = excluded.signature_prefix,
            signature_key = excluded.signature_key, changed_at = excluded.changed_at",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        token_hash,
        signature.map(|signature| signature.header.as_str()),
        signature.map(|signature| signature.encoding.name()),
        signature.map(|signature| signature.prefix.as_str()),
        sealed,
        inbox.changed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn remove_inbox(tx: &mut WriteTx, carrier: CarrierId) -> Result<()> {
    let done = sqlx::query!(
        "delete from inbox where reseller_id = $1 and tenant_id = $1 and carrier_id = $2",
        tx.scope().reseller().uuid(),
        carrier.uuid()
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        0 => Err(Fault::Missing),
        rows => exactly_one(rows),
    }
}

/// A carrier's inbox, and the sealed key of its signatures.
pub(in crate::identity) async fn inbox(
    tx: &mut impl Tx,
    carrier: CarrierId,
) -> Result<Option<(Inbox, Option<Vec<u8>>)>> {
    let reseller = tx.scope().reseller();
    let row = sqlx::query!(
        "select signature_header, signature_encoding, signature_prefix, signature_key, changed_at
        from inbox
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2",
        reseller.uuid(),
        carrier.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let signature = match (row.signature_header, row.signature_encoding, row.signature_prefix) {
        (Some(header), Some(encoding), Some(prefix)) => Some(Signature {
            header,
            encoding: Encoding::parse(&encoding)
                .ok_or_else(|| Fault::broken(format!("the inbox of {carrier} is signed by nobody known")))?,
            prefix,
        }),
        _ => None,
    };
    let inbox = Inbox {
        signature,
        changed_at: row.changed_at,
    };
    Ok(Some((inbox, row.signature_key)))
}

/// Whose inbox has the address of this hash.
pub(in crate::identity) async fn inbox_at(
    conn: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<(TenantId, CarrierId)>> {
    let row = sqlx::query!(
        r#"select reseller_id as "reseller_id: Uuid", carrier_id as "carrier_id: Uuid" from inbox where token_hash = $1"#,
        token_hash
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.reseller_id.into(), row.carrier_id.into())))
}
