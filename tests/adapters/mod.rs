//! Adapters of carriers that exist, over the whole path: booked, applied, verified, returned and billed, with everything
//! that can go wrong on the way. Each carrier is simulated in its own words; how many orders there really were, its ledger
//! says.

mod asked;
mod equinix;
mod exchanges;
mod faults;
mod mef;
mod megaport;
mod packetfabric;
mod path;

use nexusport_simulator::{Fault, Kind, Simulator, Words};

use crate::harness::{Adapter, Host, Stage};

/// A carrier in its own words, with its adapter.
struct Real {
    /// The folder of its adapter.
    plugin: &'static str,
    adapter: fn() -> Adapter,
    words: Words,
    /// Method and path of a call that orders.
    order: (&'static str, &'static str),
    /// The same of a call that orders a window's end.
    back: (&'static str, &'static str),
    /// What all paths but the token's begin with, of calls that read.
    read: &'static str,
    /// What the carrier calls the port.
    port: &'static str,
    /// When the window ends that begins at 18:00 on 4 March 2026.
    until: &'static str,
}

impl Real {
    async fn stage(&self) -> Stage {
        let simulator = Simulator::speaking(([127, 0, 0, 1], 0).into(), self.words).await;
        Stage::set_at(Host::start().await, simulator.unwrap(), &(self.adapter)()).await
    }

    /// Something that goes wrong for the next orders.
    fn on_orders(&self, kind: Kind, count: u32) -> Fault {
        let (method, path) = self.order;
        Fault::new(kind).times(count).on(method, path)
    }
}

/// The tests that every carrier passes.
macro_rules! passes_the_whole_path {
    ($carrier:expr) => {
        #[tokio::test]
        async fn a_window_is_delivered_verified_returned_and_billed() {
            $crate::adapters::path::delivered_and_billed(&$carrier).await;
        }

        #[tokio::test]
        async fn whatever_goes_wrong_with_an_order_there_is_one_of_it() {
            $crate::adapters::faults::one_order_whatever_goes_wrong(&$carrier).await;
        }

        #[tokio::test]
        async fn whatever_comes_later_than_a_host_waits_is_looked_up() {
            $crate::adapters::faults::one_order_although_the_answer_is_late(&$carrier).await;
        }

        #[tokio::test]
        async fn whatever_goes_wrong_with_reading_nothing_is_ordered_again() {
            $crate::adapters::faults::one_order_whatever_cannot_be_read(&$carrier).await;
        }

        #[tokio::test]
        async fn what_the_carrier_rejects_is_told_and_releases_its_return_leg() {
            $crate::adapters::path::rejected(&$carrier).await;
        }

        #[tokio::test]
        async fn a_return_leg_that_the_carrier_rejects_is_ordered_once_more() {
            $crate::adapters::faults::rejected_return(&$carrier).await;
        }

        #[tokio::test]
        async fn what_somebody_changed_inside_a_window_comes_back_with_it() {
            $crate::adapters::faults::drifted_before_its_return(&$carrier).await;
        }

        #[tokio::test]
        async fn what_the_carrier_changed_by_itself_shows_as_drift() {
            $crate::adapters::path::drift(&$carrier).await;
        }

        #[tokio::test]
        async fn what_is_asked_beside_orders_is_answered_and_orders_nothing() {
            $crate::adapters::asked::answered(&$carrier).await;
        }
    };
}

use passes_the_whole_path;
