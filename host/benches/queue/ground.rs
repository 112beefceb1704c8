//! The program as it is served, its database, a carrier that works and one that takes every connection and never answers.

use std::{
    collections::HashMap,
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use nexusport_postgres::{Options, Server};
use nexusport_simulator::{Account, NewPort, Simulator};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection as _, PgConnection};
use tokio::time::sleep;
use uuid::Uuid;

use super::house::House;

#[derive(Clone)]
pub struct Ground {
    pub host: String,
    pub carrier: Arc<Simulator>,
    pub hangs: String,
    serving: Arc<Serving>,
}

struct Serving {
    program: Child,
    superuser: String,
    _server: Server,
    _folder: tempfile::TempDir,
}

/// A port, and what its carrier calls it.
#[derive(Clone)]
pub struct Port {
    pub id: Uuid,
    pub reference: String,
}

impl Ground {
    pub async fn lay() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The database runs as another user when this is root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (data, listen) = (folder.path().join("data"), free());
        let program = Command::new(env!("CARGO_BIN_EXE_nexusport"))
            .args(["serve", "--listen", &listen, "--allow-loopback-carriers"])
            .args(["--log", "error", "--data"])
            .arg(&data)
            .spawn()
            .unwrap();
        let host = format!("http://{listen}");
        while !is_ready(&host).await {
            sleep(Duration::from_millis(100)).await;
        }
        // Shared with the program, whose database it is.
        let server = Server::start(&Options::new(data.join("postgres"))).unwrap();
        let carrier = Simulator::start((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let account = Account::new("client", super::house::SECRET, "acme");
        carrier.control().add_account(account).unwrap();
        Self {
            host,
            carrier: Arc::new(carrier),
            hangs: hang().await,
            serving: Arc::new(Serving {
                program,
                superuser: server.url("postgres", "nexusport"),
                _server: server,
                _folder: folder,
            }),
        }
    }

    pub fn build(&self, reference: &str) {
        let port = NewPort::new("acme", reference, 1_000, 10_000);
        self.carrier.control().add_port(port).unwrap();
    }

    /// How long each port's reading waited from when it was due until the carrier was asked. Comes back once it was for all.
    pub async fn waited(&self, ports: &[Port]) -> Vec<Duration> {
        let ids: Vec<_> = ports.iter().map(|port| port.id).collect();
        let due: Vec<(Uuid, DateTime<Utc>)> = sqlx::query_as(
            "select port_id, min(asked_at) from operation where port_id = any($1) group by port_id",
        )
        .bind(&ids)
        .fetch_all(&mut self.superuser().await)
        .await
        .unwrap();
        let due: HashMap<_, _> = due.into_iter().collect();
        loop {
            let mut sent = HashMap::new();
            for request in self.carrier.control().ledger().requests {
                sent.entry(request.path).or_insert(request.at);
            }
            let waited: Option<Vec<_>> = ports
                .iter()
                .map(|port| {
                    let sent = sent.get(&format!("/v1/ports/{}", port.reference))?;
                    Some((*sent - due[&port.id]).to_std().unwrap_or_default())
                })
                .collect();
            match waited {
                Some(waited) => return waited,
                None => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// So many more of the operation that the neighbour has, all of them due.
    pub async fn flood(&self, of: &House, many: u64) {
        sqlx::query(
            "with made as (
                insert into operation (reseller_id, tenant_id, id, kind, carrier_id, port_id, release_id, settings, destinations,
                    port_reference, port_data, state, asked_at)
                select reseller_id, tenant_id, gen_random_uuid(), kind, carrier_id, port_id, release_id, settings, destinations,
                    port_reference, port_data, 'running', now()
                from (select * from operation where reseller_id = $1 order by asked_at limit 1) as one, generate_series(1, $2)
                returning reseller_id, tenant_id, id, carrier_id
            )
            insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at, lane)
            select reseller_id, tenant_id, gen_random_uuid(), 'run_operation', id, 'system', id, now(), carrier_id
            from made",
        )
        .bind(of.reseller)
        .bind(many as i64)
        .execute(&mut self.superuser().await)
        .await
        .unwrap();
    }

    /// Takes the neighbour's waiting operations away, and says how many were under way.
    pub async fn calm(&self, of: &House) -> String {
        let mut conn = self.superuser().await;
        let (waiting, running, carrier): (i64, i64, Option<i32>) = sqlx::query_as(
            "select count(*) filter (where state = 'waiting'), count(*) filter (where state = 'running'),
                (select max(failures) from breaker where reseller_id = $1)
            from job where reseller_id = $1",
        )
        .bind(of.reseller)
        .fetch_one(&mut conn)
        .await
        .unwrap();
        sqlx::query("update job set state = 'done' where reseller_id = $1 and state = 'waiting'")
            .bind(of.reseller)
            .execute(&mut conn)
            .await
            .unwrap();
        let failures = carrier.unwrap_or_default();
        format!("{waiting} waited and {running} were under way, {failures} failures in a row")
    }

    /// Bookings for a year from now and later, of the houses' ports. Replaces those from before.
    pub async fn book_later(&self, houses: &[House], many: i64) {
        let mut conn = self.superuser().await;
        sqlx::query("delete from job where due_at > now() + interval '300 days'")
            .execute(&mut conn)
            .await
            .unwrap();
        let resellers: Vec<_> = houses.iter().map(|house| house.reseller).collect();
        sqlx::query(
            "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at)
            select reseller_id, tenant_id, gen_random_uuid(), 'start_change', gen_random_uuid(), 'system', id,
                now() + interval '1 year' + n * interval '1 second'
            from generate_series(1, $2) n
            join lateral (
                select reseller_id, tenant_id, id from port
                where reseller_id = ($1::uuid[])[1 + n % array_length($1, 1)] limit 1) of on true",
        )
        .bind(&resellers)
        .bind(many)
        .execute(&mut conn)
        .await
        .unwrap();
    }

    /// How many changes to this speed a read-back has shown.
    pub async fn verified(&self, mbps: u32) -> usize {
        let verified: i64 = sqlx::query_scalar(
            "select count(*) from bandwidth_change where mbps = $1 and state = 'verified'",
        )
        .bind(mbps.cast_signed())
        .fetch_one(&mut self.superuser().await)
        .await
        .unwrap();
        verified as usize
    }

    /// The address of the database.
    pub fn database(&self) -> &str {
        &self.serving.superuser
    }

    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.serving.superuser).await.unwrap()
    }
}

async fn is_ready(host: &str) -> bool {
    let answer = reqwest::get(format!("{host}/readyz")).await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// A carrier that takes every connection and never answers.
async fn hang() -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    url
}

/// An address that nobody listens at.
fn free() -> String {
    let found = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    found.local_addr().unwrap().to_string()
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.program), Signal::TERM);
        let _ = self.program.wait();
    }
}
