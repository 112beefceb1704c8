//! People, who belong to no tenant, and their passwords.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    identity::entrance::NewUser,
    ids::{TenantId, UserId},
};

/// A person who may sign in, with the hash of the password.
pub(in crate::identity) struct Known {
    pub user: UserId,
    pub hash: String,
}

/// The person who showed that this address is theirs.
pub(in crate::identity) async fn proven(conn: &mut PgConnection, email: &str) -> Result<Option<Known>> {
    Ok(sqlx::query_as!(
        Known,
        r#"select u.id as "user: UserId", p.hash
        from user_account u
        join password p on p.user_id = u.id
        where u.email = $1
            and u.email_proven_at is not null"#,
        email
    )
    .fetch_optional(conn)
    .await?)
}

/// Who of this address is a member at one reseller, or in one tenant there: whoever proved it first, and at most one
/// more who has not.
pub(in crate::identity) async fn members_called(
    conn: &mut PgConnection,
    reseller: TenantId,
    tenant: Option<TenantId>,
    email: &str,
) -> Result<Vec<Known>> {
    Ok(sqlx::query_as!(
        Known,
        r#"select u.id as "user: UserId", p.hash
        from user_account u
        join password p on p.user_id = u.id
        where u.email = $1
            and u.ended_at is null
            and exists (
                select
                from membership m
                where m.reseller_id = $2
                    and ($3::uuid is null or m.tenant_id = $3)
                    and m.user_id = u.id
                    and m.removed_at is null)
        order by u.email_proven_at is null, u.id
        limit 2"#,
        email,
        reseller.uuid(),
        tenant.map(|id| id.uuid())
    )
    .fetch_all(conn)
    .await?)
}

/// The person's address and the hash of the password.
pub(in crate::identity) async fn person(conn: &mut PgConnection, user: UserId) -> Result<(String, String)> {
    let row = sqlx::query!(
        "select u.email, p.hash
        from user_account u
        join password p on p.user_id = u.id
        where u.id = $1
            and u.ended_at is null",
        user.uuid()
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Fault::Missing)?;
    Ok((row.email, row.hash))
}

pub(in crate::identity) async fn insert_user(
    conn: &mut PgConnection,
    id: UserId,
    person: &NewUser,
    proven_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into user_account (id, email, name, created_at, email_proven_at) values ($1, $2, $3, $4, $5)",
        id.uuid(),
        person.email,
        person.name,
        now,
        proven_at
    )
    .execute(conn)
    .await
    .on_constraint("user_account_email_unique", address_busy)?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn insert_password(
    conn: &mut PgConnection,
    user: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into password (user_id, hash, changed_at) values ($1, $2, $3)",
        user.uuid(),
        hash,
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

/// The hash of the person's password, kept from every change until the transaction ends.
pub(in crate::identity) async fn hold_password(
    conn: &mut PgConnection,
    user: UserId,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select hash from password where user_id = $1 for no key update",
        user.uuid()
    )
    .fetch_optional(conn)
    .await?)
}

pub(in crate::identity) async fn set_password(
    conn: &mut PgConnection,
    user: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "update password set hash = $2, changed_at = $3 where user_id = $1",
        user.uuid(),
        hash,
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

/// The address is this person's from now on.
pub(in crate::identity) async fn set_proven(
    conn: &mut PgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update user_account
        set email_proven_at = $2
        where id = $1
            and email_proven_at is null",
        user.uuid(),
        now
    )
    .execute(conn)
    .await
    .on_constraint("user_account_email_unique", address_busy)?;
    Ok(())
}

pub(in crate::identity) async fn end_user(
    conn: &mut PgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "update user_account set ended_at = $2 where id = $1 and ended_at is null",
        user.uuid(),
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

fn address_busy() -> Fault {
    Fault::conflict("address_busy", "another request used this address just now")
}
