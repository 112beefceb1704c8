//! The simulator as a program: listens, sets up the accounts and ports it was told, and serves until interrupted.

use std::{io::Write, net::SocketAddr};

use anyhow::Context;
use clap::Parser;
use nexusport_simulator::{Account, NewPort, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A carrier to develop and test against, with faults on command.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Where to listen; a loopback address, since the control API asks for no credential.
    #[arg(long, env = "NEXUSPORT_SIMULATOR_LISTEN", default_value = "127.0.0.1:8900")]
    listen: SocketAddr,

    /// A client and its account, repeatable; the variable takes several with commas between.
    #[arg(
        long = "account",
        env = "NEXUSPORT_SIMULATOR_ACCOUNTS",
        value_name = "CLIENT_ID:CLIENT_SECRET:ACCOUNT",
        value_delimiter = ',',
        value_parser = account
    )]
    accounts: Vec<Account>,

    /// A port, repeatable; the variable takes several with commas between.
    #[arg(
        long = "port",
        env = "NEXUSPORT_SIMULATOR_PORTS",
        value_name = "ACCOUNT:ID:MBPS:MAX_MBPS",
        value_delimiter = ',',
        value_parser = port
    )]
    ports: Vec<NewPort>,

    /// How long an order takes, in seconds.
    #[arg(long, env = "NEXUSPORT_SIMULATOR_PROVISION_SECONDS", default_value_t = 20)]
    provision_seconds: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let options = Options::parse();
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let simulator = Simulator::start(options.listen)
        .await
        .context("the simulator cannot start")?;
    let control = simulator.control();
    control.set_provision_seconds(options.provision_seconds);
    for account in options.accounts {
        control
            .add_account(account)
            .context("an account cannot be added")?;
    }
    for port in options.ports {
        let id = port.id.clone();
        control
            .add_port(port)
            .with_context(|| format!("port {id} cannot be added"))?;
    }
    writeln!(std::io::stdout(), "simulator listening on {}", simulator.url())?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    simulator.stop().await;
    Ok(())
}

fn account(text: &str) -> Result<Account, String> {
    let parts: Vec<_> = text.split(':').collect();
    match parts[..] {
        [client_id, client_secret, account] => Ok(Account::new(client_id, client_secret, account)),
        _ => Err("an account is CLIENT_ID:CLIENT_SECRET:ACCOUNT".to_owned()),
    }
}

fn port(text: &str) -> Result<NewPort, String> {
    let parts: Vec<_> = text.split(':').collect();
    let [account, id, mbps, max_mbps] = parts[..] else {
        return Err("a port is ACCOUNT:ID:MBPS:MAX_MBPS".to_owned());
    };
    let number = |text: &str| {
        text.parse()
            .map_err(|_| format!("{text:?} is not a speed in Mbps"))
    };
    Ok(NewPort::new(account, id, number(mbps)?, number(max_mbps)?))
}
