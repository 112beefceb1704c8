//! Where the story plays: a database made anew, the host, a carrier, and one clock for both that stands still until
//! the story goes on.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use nexusport_simulator::Simulator;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{caller::Caller, mail};
use crate::{
    app::{App, Clock as _, DrivenClock, Timestamp},
    boot::{self, Database},
    config::Config,
    worker,
};

/// A host and a carrier with one clock.
pub struct Stage {
    /// The host's inside, for looking at tables without the API.
    pub app: App,
    /// The carrier.
    pub carrier: Simulator,
    /// Where the API is.
    pub address: SocketAddr,
    folder: PathBuf,
    clock: DrivenClock,
    stop: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
    database: Database,
}

impl Stage {
    /// Sets everything up in a folder made anew.
    pub async fn set(
        config: &Config,
        folder: &Path,
        listener: TcpListener,
        start: Timestamp,
    ) -> anyhow::Result<Self> {
        make_anew(config, folder).await?;
        let config = Config {
            data: Some(folder.to_owned()),
            allow_loopback_carriers: true,
            dns_resolver: None,
            smtp_url: None,
            public_url: format!("http://{{host}}:{}", listener.local_addr()?.port()),
            ..config.clone()
        };
        let clock = DrivenClock::new(start);
        let database = Database::open(&config).await?;
        let parts = boot::parts(&config, folder, Arc::new(clock.clone()))?;
        let app = boot::app(database.urls(), parts).await?;
        let carrier = Simulator::start(([127, 0, 0, 1], 0).into()).await?;
        carrier.control().set_clock(start);
        let (address, stop) = (listener.local_addr()?, CancellationToken::new());
        let server = tokio::spawn(serve_api(
            app.clone(),
            listener,
            config.domain.clone(),
            stop.clone(),
        ));
        Ok(Self {
            app,
            carrier,
            address,
            folder: folder.to_owned(),
            clock,
            stop,
            server,
            database,
        })
    }

    /// Somebody without a key.
    pub fn anybody(&self) -> anyhow::Result<Caller> {
        Caller::new(&format!("http://{}", self.address))
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass up to `to`: whatever falls due on the way is done at its own time.
    pub async fn pass(&self, to: Timestamp) -> anyhow::Result<usize> {
        let mut done = self.work().await?;
        while let Some(due) = worker::next_due(&self.app)
            .await
            .map_err(said)?
            .filter(|due| *due <= to)
        {
            self.show(due);
            done += self.work().await?;
        }
        self.show(to);
        Ok(done + self.work().await?)
    }

    /// What the newest mail to this address carries in its link.
    pub async fn mailed_token(&self, to: &str) -> anyhow::Result<String> {
        self.work().await?;
        mail::token(&self.folder.join("mail"), to)
    }

    async fn work(&self) -> anyhow::Result<usize> {
        worker::drain(&self.app).await.map_err(said)
    }

    fn show(&self, now: Timestamp) {
        self.clock.set(now);
        self.carrier.control().set_clock(self.clock.now());
    }

    /// From here on the clock goes on with the real one, and the host works by itself.
    pub async fn stay_up(self) -> anyhow::Result<()> {
        let working = tokio::spawn(worker::run(self.app.clone(), self.stop.clone()));
        let began = tokio::time::Instant::now();
        let from = self.now();
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = second.tick() => self.show(from + began.elapsed()),
                _ = tokio::signal::ctrl_c() => break,
            }
        }
        self.stop.cancel();
        working.await.ok();
        self.close().await
    }

    /// Ends everything that was started.
    pub async fn close(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.server.await??;
        self.carrier.stop().await;
        drop(self.database);
        Ok(())
    }
}

async fn serve_api(
    app: App,
    listener: TcpListener,
    domain: String,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let router = crate::api::router(app, &domain).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await?)
}

/// Removes what an earlier demo left, after its server has ended.
async fn make_anew(config: &Config, folder: &Path) -> anyhow::Result<()> {
    if config.database_url.is_some() {
        anyhow::bail!(
            "the demo makes its database anew, so it runs on the embedded one only; unset DATABASE_URL"
        );
    }
    if folder.exists() {
        let old = folder.join("postgres");
        if old.exists() {
            let binaries = config.postgres_binaries.clone();
            let options = nexusport_postgres::Options {
                binaries,
                ..nexusport_postgres::Options::new(old)
            };
            // Sharing and leaving the old server is the one way to know that it has ended.
            let stopped =
                tokio::task::spawn_blocking(move || nexusport_postgres::Server::start(&options)?.stop())
                    .await?;
            if let Err(error) = stopped {
                tracing::warn!(%error, "the earlier demo's database could not be stopped");
            }
        }
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("{} cannot be made anew", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}

fn said(fault: crate::fault::Fault) -> anyhow::Error {
    anyhow::anyhow!("{fault}")
}
