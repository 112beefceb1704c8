//! A carrier to develop and test against: ports, bandwidth orders that take their time, OAuth 2 client
//! credentials, idempotency keys, notifications, faults on command, and a ledger of everything it was really
//! asked. It keeps all of it in memory and knows nothing of NexusPort: whatever can speak its HTTP API can use it.
//!
//! ```
//! use nexusport_simulator::{Account, NewPort, Simulator};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::start(([127, 0, 0, 1], 0).into()).await?;
//! let control = simulator.control();
//! control.add_account(Account::new("client", "secret", "acme"))?;
//! control.add_port(NewPort::new("acme", "port-1", 1_000, 10_000))?;
//! assert!(simulator.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(control.ledger().totals.orders, 0);
//! simulator.stop().await;
//! # Ok(()) }
//! ```

mod clock;
mod control;
mod fault;
mod http;
mod ledger;
mod link;
mod notify;
mod order;
mod port;
mod refusal;
mod state;

pub use control::Control;
pub use fault::{Fault, Kind, Match};
pub use http::{
    desk::{Desk, Placement, Problem, Words},
    gate::Caller,
};
pub use ledger::{Ledger, Request, Totals};
pub use order::{Order, Reason, Status};
pub use port::Port;
pub use refusal::Refusal;
pub use state::{Account, NewPort, PortPage};

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A running simulator. Dropping it, or [`Simulator::stop`], takes it off the network at once: every open
/// connection is closed, as when a real carrier goes down.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    control: Control,
    stopped: CancellationToken,
    server: JoinHandle<()>,
}

impl Simulator {
    /// Listens on `address` (port 0: any free port) and serves until stopped or dropped, on the caller's runtime.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is not a loopback address, since the control API asks for no credential;
    /// otherwise what binding said.
    pub async fn start(address: SocketAddr) -> io::Result<Self> {
        Self::serve(address, http::both).await
    }

    /// The same without the control API on the network, for where those who reach the carrier must not be able to drive
    /// it: it is driven by [`Simulator::control`] alone.
    ///
    /// # Errors
    /// As [`Simulator::start`].
    pub async fn start_carrier_alone(address: SocketAddr) -> io::Result<Self> {
        Self::serve(address, http::carrier).await
    }

    /// The same carrier in the words of another one's API, for whoever tests an adapter for that: its ports, orders, faults
    /// and ledger are this one's, and so are its tokens. The control API is not on the network.
    ///
    /// # Errors
    /// As [`Simulator::start`].
    pub async fn speaking(address: SocketAddr, words: Words) -> io::Result<Self> {
        Self::serve(address, |app| http::speaking(app, &words)).await
    }

    async fn serve(
        address: SocketAddr,
        routes: impl FnOnce(Arc<state::App>) -> axum::Router,
    ) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let message =
                format!("the simulator listens on loopback only, and {address} is not a loopback address");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let stopped = CancellationToken::new();
        let app = Arc::new(state::App::default());
        let server = tokio::spawn(serve(
            listener,
            routes(Arc::clone(&app)),
            Arc::clone(&app),
            stopped.clone(),
        ));
        Ok(Self {
            address,
            control: Control::new(app),
            stopped,
            server,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of both APIs, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The control API without HTTP. The handle can be cloned and outlives the simulator.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops, and returns once the port is free again.
    pub async fn stop(mut self) {
        self.stopped.cancel();
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "the simulator's server ended badly");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stopped.cancel();
    }
}

async fn serve(
    listener: TcpListener,
    routes: axum::Router,
    app: Arc<state::App>,
    stopped: CancellationToken,
) {
    let listener = link::Listener::new(listener, stopped.clone());
    let service = routes.into_make_service_with_connect_info::<link::Link>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stopped.clone().cancelled_owned());
    let notifier = stopped.run_until_cancelled(notify::run(&app));
    let (served, _) = tokio::join!(server, notifier);
    served.expect("axum's server loop never returns an error");
}
