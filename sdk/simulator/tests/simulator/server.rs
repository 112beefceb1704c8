//! Starting and stopping.

use std::{io::ErrorKind, net::SocketAddr, time::Duration};

use nexusport_simulator::{Fault, Kind, Simulator};

use crate::harness::Carrier;

#[tokio::test]
async fn an_address_that_is_not_loopback_is_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let error = Simulator::start(address)
            .await
            .expect_err("it listens where anybody can reach it");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_stopped_simulator_refuses_connections_and_frees_its_port() {
    let carrier = Carrier::new().await;
    let address = carrier.simulator.address();
    carrier.get("/v1/ping").await;
    carrier.simulator.stop().await;
    let error = carrier
        .client
        .get(format!("http://{address}/v1/ping"))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    Simulator::start(address).await.unwrap().stop().await;
    assert!(
        carrier
            .control
            .ledger()
            .requests
            .iter()
            .any(|request| request.path == "/v1/ping")
    );
}

#[tokio::test]
async fn stopping_breaks_off_what_is_under_way() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Slow {
        milliseconds: 600_000,
    }));
    let slow = carrier.order(5_000, "r").timeout(Duration::from_secs(60));
    let Carrier {
        simulator, control, ..
    } = carrier;
    let stop = async move {
        while control.ledger().totals.orders == 0 {
            tokio::task::yield_now().await;
        }
        simulator.stop().await;
    };
    let (result, ()) = tokio::join!(slow.send(), stop);
    let error = result.expect_err("an answer came from a simulator that had stopped");
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn dropping_a_simulator_stops_it() {
    let carrier = Carrier::new().await;
    let address = carrier.simulator.address();
    carrier.get("/v1/ping").await;
    drop(carrier.simulator);
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused)
        .await
        .expect("it still takes connections");
}
