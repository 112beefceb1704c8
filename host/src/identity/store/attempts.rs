//! Counts of what was tried at the entrance.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    fault::{Result, exactly_one},
    identity::entrance::Count,
};

/// The count of this key, held until the transaction ends.
pub(in crate::identity) async fn lock_attempts(
    conn: &mut PgConnection,
    key: &[u8],
    now: Timestamp,
) -> Result<Count> {
    Ok(sqlx::query_as!(
        Count,
        "insert into attempt (key, tries, last_at)
        values ($1, 0, $2)
        on conflict (key) do update set key = excluded.key
        returning tries, last_at",
        key,
        now
    )
    .fetch_one(conn)
    .await?)
}

pub(in crate::identity) async fn set_attempts(
    conn: &mut PgConnection,
    key: &[u8],
    count: Count,
) -> Result<()> {
    let done = sqlx::query!(
        "update attempt
        set tries = $2, last_at = $3
        where key = $1",
        key,
        count.tries,
        count.last_at
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

/// Removes a few counts that are older than this.
pub(in crate::identity) async fn forget_attempts(conn: &mut PgConnection, before: Timestamp) -> Result<()> {
    sqlx::query!(
        "delete from attempt
        where key in (
            select key
            from attempt
            where last_at < $1
            order by last_at
            for update skip locked
            limit 10)",
        before
    )
    .execute(conn)
    .await?;
    Ok(())
}
