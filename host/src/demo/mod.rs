//! The main job, end to end, as anyone would do it: over HTTP, with uploaded plugins, against a carrier that misbehaves.
//! Knows the API only from the outside; what it reports was read back, none of it is written down here.

mod caller;
mod house;
pub mod isolation;
mod mail;
mod narrator;
mod report;
mod stage;
mod story;

use std::net::SocketAddr;

use tokio::net::TcpListener;

pub use caller::{Asked, Caller};
use narrator::Narrator;
use report::Report;
use stage::Stage;
use story::Cast;

use crate::config::Config;

/// When the story begins: a weekday before the month that is billed.
const START: &str = "2026-02-27T09:00:00Z";

/// How the demo is shown.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Stop after the story instead of staying up
    #[arg(long, env = "NEXUSPORT_DEMO_EXIT")]
    pub exit: bool,
    /// Print one JSON object instead of the story
    #[arg(long, env = "NEXUSPORT_DEMO_JSON")]
    pub json: bool,
    /// Address to listen on; any free port if that one is taken
    #[arg(long, env = "NEXUSPORT_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

/// Plays the demo in its own folder, made anew. Fails where the story did not end well.
pub async fn run(config: &Config, options: &Options) -> anyhow::Result<()> {
    let tell = if options.json {
        Narrator::silent()
    } else {
        Narrator::aloud()
    };
    let listener = match TcpListener::bind(options.listen).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(options.listen.ip(), 0)).await?
        }
        bound => bound?,
    };
    let stage = Stage::set(config, &config.data().join("demo"), listener, START.parse()?).await?;
    let (cast, report) = story::play(&stage, &tell).await?;
    if options.json {
        print(&serde_json::to_string_pretty(&report)?);
    }
    ended_well(&report)?;
    if options.exit {
        return stage.close().await;
    }
    say_where(&stage, &config.domain, &cast, &tell);
    stage.stay_up().await
}

/// What must hold at the end of every demo.
fn ended_well(report: &Report) -> anyhow::Result<()> {
    let verified = report.change.state == "verified" && report.return_leg.state == "verified";
    anyhow::ensure!(
        verified,
        "change is {}, return leg {}",
        report.change.state,
        report.return_leg.state
    );
    anyhow::ensure!(
        report.isolation.leaks == 0,
        "isolation leaks: {:?}",
        report.isolation.found
    );
    anyhow::ensure!(
        report.isolation.reachable > 0,
        "the isolation probes asked for nothing real"
    );
    anyhow::ensure!(
        report.carrier.duplicates == 0,
        "{} orders were placed twice",
        report.carrier.duplicates
    );
    let branded = report.resellers.iter().all(|reseller| !reseller.brand.is_empty());
    anyhow::ensure!(branded, "an invoice shows no brand");
    anyhow::ensure!(report.carrier.lost_replies > 0, "the carrier lost no reply");
    anyhow::ensure!(
        report.invoices.iter().all(|invoice| invoice.receipts_verified),
        "a receipt gave another price"
    );
    Ok(())
}

fn say_where(stage: &Stage, domain: &str, cast: &Cast, tell: &Narrator) {
    let port = stage.address.port();
    tell.say("\nEverything stays up until Ctrl-C:");
    for (house, customers) in [
        (&cast.northlight, vec![&cast.alpine, &cast.danube]),
        (&cast.harbour, vec![&cast.thames]),
    ] {
        let slug = house.plan.slug;
        tell.say(&format!(
            "  http://{slug}.{domain}:{port}  {} / {}",
            house.login.0, house.login.1
        ));
        for customer in customers {
            tell.say(&format!(
                "    customer {} / {}",
                customer.login.0, customer.login.1
            ));
        }
    }
    tell.say(&format!("  the carrier: {}/control/ledger", stage.carrier.url()));
    tell.say(&format!("  the API: http://{}/docs\n\nTry:", stage.address));
    tell.say(&format!(
        "  curl -H 'Authorization: Bearer {}' http://{}/v1/invoices",
        cast.alpine.key, stage.address
    ));
}

#[allow(clippy::print_stdout)] // the report is what was asked for
fn print(text: &str) {
    println!("{text}");
}
