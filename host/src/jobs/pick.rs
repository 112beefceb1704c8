//! Which of the jobs that wait are claimed: in the order of fairness, and none past a cap on what is under way at once.
//! Rules only: no clock, no database.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{app::Timestamp, ids::JobId};

/// Where a job stands in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub reseller: Uuid,
    pub tenant: Uuid,
    /// The carrier it waits for; nil for none.
    pub lane: Uuid,
}

/// How many jobs may be under way at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    /// Of the reseller with all its customers.
    pub house: i64,
    /// Of the tenant.
    pub tenant: i64,
    /// Of the lane: none while its breaker is open, one while it is half open.
    pub lane: i64,
}

/// Jobs that are under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnderWay {
    pub place: Place,
    pub count: i64,
}

/// A job that waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub place: Place,
    pub caps: Caps,
    pub id: JobId,
    pub due_at: Timestamp,
}

/// What is under way, as far as caps ask.
pub(super) struct Tally {
    houses: HashMap<Uuid, i64>,
    tenants: HashMap<Uuid, i64>,
    lanes: HashMap<(Uuid, Uuid), i64>,
}

impl Tally {
    pub fn new(under_way: &[UnderWay]) -> Self {
        let mut tally = Self {
            houses: HashMap::new(),
            tenants: HashMap::new(),
            lanes: HashMap::new(),
        };
        for group in under_way {
            tally.add(group.place, group.count);
        }
        tally
    }

    /// At most `limit` of those that wait, in their order, without one more than any cap allows.
    pub fn pick(mut self, waiting: &[Waiting], limit: usize) -> Vec<Waiting> {
        let mut picked = Vec::new();
        for job in waiting {
            if picked.len() < limit && self.has_room(job.place, job.caps) {
                self.add(job.place, 1);
                picked.push(*job);
            }
        }
        picked
    }

    /// Whether one more of this place may be under way.
    pub fn has_room(&self, place: Place, caps: Caps) -> bool {
        let of = |count: Option<&i64>| count.copied().unwrap_or(0);
        of(self.houses.get(&place.reseller)) < caps.house
            && of(self.tenants.get(&place.tenant)) < caps.tenant
            && (place.lane.is_nil() || of(self.lanes.get(&(place.reseller, place.lane))) < caps.lane)
    }

    fn add(&mut self, place: Place, count: i64) {
        *self.houses.entry(place.reseller).or_default() += count;
        // A reseller's own jobs are under its house's cap alone.
        if place.tenant != place.reseller {
            *self.tenants.entry(place.tenant).or_default() += count;
        }
        *self.lanes.entry((place.reseller, place.lane)).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: Caps = Caps {
        house: 6,
        tenant: 4,
        lane: 2,
    };

    fn place(reseller: u128, tenant: u128, lane: u128) -> Place {
        Place {
            reseller: Uuid::from_u128(reseller),
            tenant: Uuid::from_u128(tenant),
            lane: Uuid::from_u128(lane),
        }
    }

    fn waiting(places: &[Place], caps: Caps) -> Vec<Waiting> {
        let job = |(n, place): (usize, &Place)| Waiting {
            place: *place,
            caps,
            id: Uuid::from_u128(n as u128).into(),
            due_at: Timestamp::default(),
        };
        places.iter().enumerate().map(job).collect()
    }

    fn check(under_way: &[UnderWay], places: &[Place], limit: usize, expected: &[u128]) {
        let picked = Tally::new(under_way).pick(&waiting(places, CAPS), limit);
        let picked: Vec<_> = picked.iter().map(|job| job.id.uuid().as_u128()).collect();
        assert_eq!(picked, expected);
    }

    fn under_way(place: Place, count: i64) -> UnderWay {
        UnderWay { place, count }
    }

    #[test]
    fn who_is_at_a_cap_is_passed_over_and_takes_nothing_of_the_others() {
        let (a, b) = (place(1, 2, 7), place(3, 4, 8));
        check(&[], &[a, a, a, b, a, b, b], 16, &[0, 1, 3, 5]);
        check(&[under_way(a, 2)], &[a, b], 16, &[1]);
    }

    #[test]
    fn a_full_lane_leaves_its_tenant_the_other_lanes_and_no_lane() {
        let (dead, other, none) = (place(1, 2, 7), place(1, 2, 8), place(1, 2, 0));
        check(
            &[under_way(dead, 2)],
            &[dead, other, none, none, none],
            16,
            &[1, 2],
        );
        check(&[under_way(dead, 2)], &[dead, none, none, none], 16, &[1, 2]);
    }

    #[test]
    fn a_lane_is_shared_by_a_houses_customers_and_by_nobody_else() {
        check(
            &[under_way(place(1, 2, 7), 2)],
            &[place(1, 3, 7), place(4, 5, 7)],
            16,
            &[1],
        );
    }

    #[test]
    fn a_house_is_more_than_its_customers_and_its_own_jobs_are_under_its_cap() {
        let four = under_way(place(1, 2, 0), 4);
        let own = place(1, 1, 0);
        check(
            &[four],
            &[place(1, 2, 0), own, own, own, place(1, 3, 0)],
            16,
            &[1, 2],
        );
        check(&[], &[own; 8], 16, &[0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn an_open_breaker_lets_nothing_through_and_a_half_open_one_lets_one() {
        let picked = |lane| {
            let waiting = waiting(&[place(1, 2, 7); 3], Caps { lane, ..CAPS });
            Tally::new(&[]).pick(&waiting, 16).len()
        };
        assert_eq!([picked(0), picked(1), picked(2)], [0, 1, 2]);
    }

    #[test]
    fn no_more_than_asked_for() {
        check(&[], &[place(1, 2, 0), place(3, 4, 0), place(5, 6, 0)], 2, &[0, 1]);
    }
}
