//! Return legs that find things in their way: no port stays up because nobody looks or tries any more.

use nexusport_simulator::{Fault, Kind, Match};

use super::{at, of, states};
use crate::harness::Stage;

/// Something that goes wrong for every call of this method on ports.
fn always(method: &str, kind: Kind) -> Fault {
    let matching = Match {
        method: Some(method.to_owned()),
        path_prefix: Some("/v1/ports/".to_owned()),
    };
    Fault {
        kind,
        count: 1000,
        matching,
    }
}

#[tokio::test]
async fn a_port_that_is_down_although_the_carrier_refuses_to_bring_it_down_is_seen_to_be() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("21:00:00")).await;
    stage.carrier.drift("studio", 1000).unwrap();
    stage
        .carrier
        .fault(always("POST", Kind::Error { status: 422 }))
        .unwrap();
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    let last = stage.intervals(&port).await.pop().unwrap();
    assert_eq!((last.0, last.2), (1000, None));
}

#[tokio::test]
async fn a_window_that_nobody_could_see_is_brought_down_all_the_same() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage
        .carrier
        .fault(always("GET", Kind::Error { status: 418 }))
        .unwrap();
    stage.go_to(&at("22:00:40")).await;
    assert_eq!(
        states(&stage.change(&booked).await),
        of("indeterminate", "indeterminate")
    );
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
}

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
