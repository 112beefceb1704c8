//! What a person's device makes its codes from, and the codes on paper.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    fault::{Result, exactly_one},
    ids::UserId,
};

/// A second factor as it is stored.
pub(in crate::identity) struct SecondFactor {
    pub sealed: Vec<u8>,
    pub confirmed_at: Option<Timestamp>,
    pub last_step: i64,
    /// How many recovery codes can still be used.
    pub codes_left: i64,
}

pub(in crate::identity) async fn second_factor(
    conn: &mut PgConnection,
    user: UserId,
) -> Result<Option<SecondFactor>> {
    Ok(sqlx::query_as!(
        SecondFactor,
        r#"select sealed, confirmed_at, last_step, (
            select count(*)
            from recovery_code c
            where c.user_id = f.user_id
                and c.used_at is null) as "codes_left!"
        from second_factor f
        where user_id = $1"#,
        user.uuid()
    )
    .fetch_optional(conn)
    .await?)
}

/// Whether it was begun: not where a confirmed one is in its place.
pub(in crate::identity) async fn start_second_factor(
    conn: &mut PgConnection,
    user: UserId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into second_factor (user_id, sealed, started_at)
        values ($1, $2, $3)
        on conflict (user_id) do update
        set sealed = excluded.sealed, started_at = excluded.started_at
        where second_factor.confirmed_at is null",
        user.uuid(),
        sealed,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether it holds from now on: not where it was begun anew since `sealed` was read, or holds already.
pub(in crate::identity) async fn confirm_second_factor(
    conn: &mut PgConnection,
    user: UserId,
    sealed: &[u8],
    step: i64,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update second_factor
        set confirmed_at = $4, last_step = $3
        where user_id = $1
            and sealed = $2
            and confirmed_at is null",
        user.uuid(),
        sealed,
        step,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the step's code was still to be used. Of several who show it at once, one is told so.
pub(in crate::identity) async fn use_step(conn: &mut PgConnection, user: UserId, step: i64) -> Result<bool> {
    let done = sqlx::query!(
        "update second_factor
        set last_step = $2
        where user_id = $1
            and last_step < $2
            and confirmed_at is not null",
        user.uuid(),
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there was such a code that nobody had used.
pub(in crate::identity) async fn use_recovery_code(
    conn: &mut PgConnection,
    user: UserId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update recovery_code
        set used_at = $3
        where user_id = $1
            and code_hash = $2
            and used_at is null",
        user.uuid(),
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// New recovery codes in the place of all that there were.
pub(in crate::identity) async fn set_recovery_codes(
    conn: &mut PgConnection,
    user: UserId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<()> {
    remove_recovery_codes(conn, user).await?;
    sqlx::query!(
        "insert into recovery_code (user_id, code_hash, made_at)
        select $1, code_hash, $3
        from unnest($2::bytea[]) as code_hash",
        user.uuid(),
        hashes,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::identity) async fn remove_second_factor(conn: &mut PgConnection, user: UserId) -> Result<()> {
    remove_recovery_codes(conn, user).await?;
    let done = sqlx::query!("delete from second_factor where user_id = $1", user.uuid())
        .execute(conn)
        .await?;
    exactly_one(done.rows_affected())
}

async fn remove_recovery_codes(conn: &mut PgConnection, user: UserId) -> Result<()> {
    sqlx::query!("delete from recovery_code where user_id = $1", user.uuid())
        .execute(conn)
        .await?;
    Ok(())
}
