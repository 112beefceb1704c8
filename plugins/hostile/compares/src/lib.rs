//! A pricing rule that compares every fact with every other: cheap for a handful, and out of fuel for a busy month.

use nexusport_sdk::about;
use nexusport_sdk::pricing::{
    Decimal, Description, Interval, Priced, Pricing, Properties, Refusal, Request, share,
};

struct Compares;

nexusport_sdk::pricing!(Compares);

impl Pricing for Compares {
    fn describe() -> Description {
        Description {
            about: about!("{}"),
            properties: Properties {
                additive: false,
                monotone: false,
            },
            extras: Vec::new(),
        }
    }

    fn price(request: Request) -> Result<Priced, Refusal> {
        let intervals = request.intervals()?;
        let mut charges = Vec::new();
        for interval in &intervals {
            let rank = intervals
                .iter()
                .filter(|other| is_before(other, interval))
                .count();
            let amount = share(Decimal::from(rank), interval, &request.period)?;
            charges.push(interval.charge("rank", amount, "by its rank"));
        }
        Ok(Priced {
            charges,
            extras: Vec::new(),
        })
    }
}

/// Slow enough to matter, and not to be seen through by a compiler.
fn is_before(one: &Interval, other: &Interval) -> bool {
    let key = |interval: &Interval| std::hint::black_box(interval.start ^ i64::from(interval.mbps));
    (0..4).all(|_| key(one) <= key(other)) && one.start < other.start
}
