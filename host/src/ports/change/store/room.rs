//! What is left for windows at a port's location, of which a customer learns no more than that.

use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::Result,
    ports::{port::Port, rules::Room},
};

/// What the port's location has left from `since` on.
pub(in crate::ports) async fn room(tx: &mut impl Tx, port: &Port, since: Timestamp) -> Result<Room> {
    let Some(location) = port.location else {
        return Ok(Room::default());
    };
    let steps = sqlx::query!(
        r#"select at as "at!", free_mbps as "free_mbps!" from tenancy.location_room($1, $2, 'infinity')"#,
        location.uuid(),
        since
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Room::new(
        steps.into_iter().map(|step| (step.at, step.free_mbps)).collect(),
    ))
}

/// The same, where nobody else books at the location until the transaction ends.
pub(in crate::ports) async fn hold_room(tx: &mut WriteTx, port: &Port, since: Timestamp) -> Result<Room> {
    let Some(location) = port.location else {
        return Ok(Room::default());
    };
    sqlx::query!("select tenancy.hold_location($1)", location.uuid())
        .execute(tx.conn())
        .await?;
    room(tx, port, since).await
}
