//! People, who belong to no tenant, and their passwords.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    fault::{Fault, OnConstraint as _, Result},
    identity::entrance::{NewUser, normal_email},
    ids::UserId,
};

/// The person of this address and the hash of its password.
pub(in crate::identity) async fn password(
    conn: &mut PgConnection,
    email: &str,
) -> Result<Option<(UserId, String)>> {
    let row = sqlx::query!(
        "select u.id, p.hash
        from user_account u
        join password p on p.user_id = u.id
        where u.email = $1",
        email
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.hash)))
}

/// The person of this address, made with the password's hash where unknown.
pub(in crate::identity) async fn ensure_user(
    conn: &mut PgConnection,
    id: UserId,
    person: &NewUser,
    password_hash: Option<String>,
    now: Timestamp,
) -> Result<UserId> {
    let email = normal_email(&person.email);
    let Some(hash) = password_hash else {
        let known = sqlx::query_scalar!("select id from user_account where email = $1", email)
            .fetch_one(conn)
            .await?;
        return Ok(known.into());
    };
    sqlx::query!(
        "insert into user_account (id, email, name, created_at) values ($1, $2, $3, $4)",
        id.uuid(),
        email,
        person.name,
        now
    )
    .execute(&mut *conn)
    .await
    .on_constraint("user_account_email_unique", || {
        Fault::conflict("address_busy", "another request used this address just now")
    })?;
    sqlx::query!(
        "insert into password (user_id, hash, changed_at) values ($1, $2, $3)",
        id.uuid(),
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(id)
}
