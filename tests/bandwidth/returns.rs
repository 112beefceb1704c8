//! Return legs that find things in their way: no port stays up because nobody looks or tries any more.

use super::{at, of, states};
use crate::harness::Stage;

#[tokio::test]
async fn a_return_leg_whose_job_was_set_aside_is_tried_again() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("21:00:00")).await;
    let mut superuser = stage.host.database.superuser().await;
    // Every attempt fails, and it is none of the carrier's doing.
    sqlx::raw_sql("alter table return_leg add constraint broken check (state = 'reserved')")
        .execute(&mut superuser)
        .await
        .unwrap();
    stage.go_to("2026-03-05T03:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "reserved"));
    sqlx::raw_sql("alter table return_leg drop constraint broken")
        .execute(&mut superuser)
        .await
        .unwrap();
    stage.go_to("2026-03-05T06:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
}
