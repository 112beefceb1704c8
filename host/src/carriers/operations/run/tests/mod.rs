//! Orders from a carrier through hands that die at every boundary, before or after the step took effect.

mod adapter;
mod simulation;
mod world;

use chrono::TimeDelta;
use futures::executor::block_on;
use nexusport_sandbox::carrier::{self, Exchange};

use super::*;
use adapter::{again, applied, get, order, status};
use world::{Death, TROUBLES, Trouble, World, start};

/// Every death of one host, at every boundary that a life with this trouble has.
fn deaths(trouble: Trouble) -> impl Iterator<Item = Death> {
    let boundaries = World::new(trouble, &[]).play().boundaries.get();
    (0..boundaries).flat_map(|boundary| {
        [false, true].map(|after_effect| Death {
            boundary,
            after_effect,
        })
    })
}

#[test]
fn the_carrier_sees_the_order_once_wherever_the_host_dies() {
    for trouble in TROUBLES {
        for death in deaths(trouble) {
            let world = World::new(trouble, &[death]).play();
            assert_eq!(world.end, Some(End::Done(applied())), "{trouble:?} {death:?}");
            assert_eq!(world.orders.len(), 1, "{trouble:?} {death:?}");
        }
    }
}

#[test]
fn the_carrier_sees_the_order_once_when_the_host_dies_twice() {
    for trouble in [Trouble::None, Trouble::LostAndTaken, Trouble::BrokeAfterTaking] {
        for first in deaths(trouble) {
            let boundaries = World::new(trouble, &[first]).play().boundaries.get();
            for boundary in first.boundary + 1..boundaries {
                for after_effect in [false, true] {
                    let second = Death {
                        boundary,
                        after_effect,
                    };
                    let world = World::new(trouble, &[first, second]).play();
                    assert_eq!(world.orders.len(), 1, "{trouble:?} {first:?} {second:?}");
                }
            }
        }
    }
}

/// The simulation has teeth: without the wait for what was lost to settle, the order is placed twice.
#[test]
fn a_carrier_that_settles_later_than_it_says_is_ordered_from_twice() {
    let play = |settle_s| {
        let mut world = World::new(Trouble::LostAndTaken, &[]);
        world.delay = TimeDelta::seconds(60);
        world.settle_s = settle_s;
        world.play().orders.len()
    };
    assert_eq!(play(5), 2);
    assert_eq!(play(30), 1);
}

#[test]
fn an_adapter_that_orders_again_without_asking_is_stopped() {
    fn careless(journal: &[Exchange]) -> Step {
        match journal.last().map(|exchange| status(&exchange.answer)) {
            Some(Some(202)) => Step::Done(applied()),
            _ => Step::Send(order()),
        }
    }
    for trouble in [
        Trouble::LostAndTaken,
        Trouble::LostOnTheWay,
        Trouble::BrokeAfterTaking,
    ] {
        let mut world = World::new(trouble, &[]);
        world.adapter = careless;
        let world = world.play();
        assert!(
            matches!(&world.end, Some(End::GivenUp(reason)) if reason.may_have_happened),
            "{:?}",
            world.end
        );
        assert_eq!(world.sent, 1);
    }
}

#[test]
fn a_request_that_the_adapter_no_longer_produces_is_never_sent_again() {
    fn changed(journal: &[Exchange]) -> Step {
        match journal {
            [] => Step::Send(get("/v2/ports")),
            _ => again(5),
        }
    }
    // The host dies after the request was written, before it left; meanwhile the adapter has changed its mind.
    for after_effect in [false, true] {
        let death = Death {
            boundary: 2,
            after_effect,
        };
        let mut world = World::new(Trouble::None, &[death]);
        world.adapter = |journal| match journal {
            [] => Step::Send(get("/v1/ports")),
            _ => again(5),
        };
        assert!(block_on(drive(&mut world, Kind::ChangeBandwidth)).is_err());
        world.adapter = changed;
        let boundaries = world.boundaries.get();
        let world = world.play();
        assert!(matches!(&world.end, Some(End::GivenUp(reason)) if reason.text == DIVERGED));
        assert_eq!(
            world.boundaries.get() - boundaries,
            2,
            "asked once, ended, and nothing sent"
        );
    }
}

#[test]
fn a_poll_that_the_adapter_no_longer_produces_is_not_repeated() {
    fn poll(target: &'static str, journal: &[Exchange]) -> Step {
        match journal {
            [] => Step::Send(get(target)),
            _ => again(5),
        }
    }
    let mut world = World::new(Trouble::None, &[]);
    world.adapter = |journal| poll("/v1/ports", journal);
    block_on(drive(&mut world, Kind::ChangeBandwidth)).unwrap();
    assert_eq!(world.wake_at, Some(start() + TimeDelta::seconds(5)));
    world.now = world.wake_at.unwrap();
    world.adapter = |journal| poll("/v2/ports", journal);
    let world = world.play();
    assert!(matches!(&world.end, Some(End::GivenUp(reason)) if reason.text == DIVERGED));
    assert_eq!(world.journal[0].repeats, 0);
}

#[test]
fn a_host_that_is_told_to_stop_sends_nothing_more_and_leaves_the_operation_due() {
    let mut world = World::new(Trouble::None, &[]);
    world.stopping = true;
    block_on(drive(&mut world, Kind::ChangeBandwidth)).unwrap();
    assert_eq!((world.sent, world.journal.len()), (0, 0));
    assert_eq!(world.wake_at, Some(world.now));
    // Nor is a poll repeated, though its order was placed before.
    world.stopping = false;
    block_on(drive(&mut world, Kind::ChangeBandwidth)).unwrap();
    world.now = world.wake_at.unwrap();
    world.stopping = true;
    block_on(drive(&mut world, Kind::ChangeBandwidth)).unwrap();
    assert_eq!((world.wake_at, world.journal[1].repeats), (Some(world.now), 0));
    world.stopping = false;
    let world = world.play();
    assert_eq!((world.end, world.orders.len()), (Some(End::Done(applied())), 1));
}

#[test]
fn an_adapter_that_fails_ends_the_operation_and_says_why() {
    let mut world = World::new(Trouble::None, &[]);
    world.failing = true;
    let world = world.play();
    let Some(End::GivenUp(reason)) = world.end else {
        panic!("{:?}", world.end)
    };
    assert!(reason.text.contains("fuel") && !reason.may_have_happened);
}

/// Stuck at an answer that it does not know.
fn puzzled(journal: &[Exchange]) -> Step {
    match journal.last().map(|exchange| status(&exchange.answer)) {
        None => Step::Send(get("/v1/orders")),
        Some(Some(200)) => Step::Done(applied()),
        Some(_) => Step::Stuck(carrier::Fault {
            kind: carrier::FaultKind::Other,
            message: "an unknown state".into(),
        }),
    }
}

#[test]
fn a_person_has_the_last_question_asked_once_more() {
    let mut world = World::new(Trouble::None, &[]);
    world.adapter = puzzled;
    let mut world = world.play();
    assert!(matches!(&world.end, Some(End::GivenUp(_))), "{:?}", world.end);
    world.orders.push(start());
    world.end = None;
    world.now += TimeDelta::hours(1);
    world.retried_at = Some(world.now);
    let world = world.play();
    assert_eq!(world.end, Some(End::Done(applied())));
    assert_eq!((world.journal.len(), world.journal[0].repeats), (1, 1));
}

#[test]
fn no_person_has_an_order_sent_again_that_may_have_arrived() {
    fn stuck_after_ordering(journal: &[Exchange]) -> Step {
        match journal {
            [] => Step::Send(order()),
            _ => Step::Stuck(carrier::Fault {
                kind: carrier::FaultKind::Other,
                message: "nobody can tell".into(),
            }),
        }
    }
    for trouble in [Trouble::None, Trouble::LostAndTaken, Trouble::BrokeAfterTaking] {
        let mut world = World::new(trouble, &[]);
        world.adapter = stuck_after_ordering;
        let mut world = world.play();
        world.end = None;
        world.now += TimeDelta::hours(1);
        world.retried_at = Some(world.now);
        let world = world.play();
        assert!(matches!(&world.end, Some(End::GivenUp(reason)) if reason.may_have_happened));
        assert_eq!((world.sent, world.orders.len()), (1, 1), "{trouble:?}");
    }
}
