//! What a change writes, and how often `pgbench` can write as much.

use std::{
    fmt::{self, Write as _},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Command,
};

use super::ground::Ground;

/// Rows and transactions.
#[derive(Debug, Clone, Copy)]
pub struct Writes {
    inserts: f64,
    updates: f64,
    /// Those that wrote something.
    transactions: f64,
}

impl Writes {
    /// Since the server began.
    pub async fn so_far(ground: &Ground) -> Self {
        let (inserts, updates, transactions): (i64, i64, i64) = sqlx::query_as(
            "select sum(n_tup_ins)::bigint, sum(n_tup_upd + n_tup_del)::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            from pg_stat_user_tables",
        )
        .fetch_one(&mut ground.superuser().await)
        .await
        .unwrap();
        Self {
            inserts: inserts as f64,
            updates: updates as f64,
            transactions: transactions as f64,
        }
    }

    pub fn since(self, before: &Self) -> Self {
        Self {
            inserts: self.inserts - before.inserts,
            updates: self.updates - before.updates,
            transactions: self.transactions - before.transactions,
        }
    }

    pub fn of_each(self, count: usize) -> Self {
        let count = count as f64;
        Self {
            inserts: self.inserts / count,
            updates: self.updates / count,
            transactions: self.transactions / count,
        }
    }

    /// How often a second sixteen clients write as much, each row by a statement of its own.
    pub fn pgbench(&self, ground: &Ground, seconds: usize, waits_for_disk: bool) -> f64 {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let script = folder.path().join("writes.sql");
        fs::write(&script, self.script()).unwrap();
        let run = |arguments: &[&str]| {
            let commit = if waits_for_disk { "on" } else { "off" };
            let done = Command::new(program())
                .args(arguments)
                .env("PGOPTIONS", format!("-c synchronous_commit={commit}"))
                .arg(ground.database())
                .output()
                .unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap()
        };
        run(&["--initialize", "--quiet", "--scale=10"]);
        let told = run(&[
            "--no-vacuum",
            "--client=16",
            "--jobs=2",
            &format!("--time={seconds}"),
            &format!("--file={}", script.display()),
        ]);
        let tps = told.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
        tps.split(' ').next().unwrap().parse().unwrap()
    }

    /// As many transactions, the rows dealt out among them.
    fn script(&self) -> String {
        let transactions = self.transactions.round().max(1.0) as usize;
        let (inserts, updates) = (self.inserts.round() as usize, self.updates.round() as usize);
        let mut script = String::new();
        for n in 0..transactions {
            script.push_str("begin;\n");
            for _ in (n..inserts).step_by(transactions) {
                script.push_str(
                    "insert into pgbench_history (tid, bid, aid, delta, mtime) values (1, 1, 1, 1, current_timestamp);\n",
                );
            }
            for _ in (n..updates).step_by(transactions) {
                writeln!(script, "\\set aid random(1, 1000000)").unwrap();
                script.push_str("update pgbench_accounts set abalance = abalance + 1 where aid = :aid;\n");
            }
            script.push_str("end;\n");
        }
        script
    }
}

impl fmt::Display for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "each {:.1} rows added and {:.1} changed in {:.1} transactions",
            self.inserts, self.updates, self.transactions
        )
    }
}

fn program() -> PathBuf {
    let bindir = Command::new("pg_config").arg("--bindir").output();
    let told = bindir.ok().map(|done| String::from_utf8(done.stdout).unwrap());
    let near = told.map(|folder| PathBuf::from(folder.trim()).join("pgbench"));
    let usual = (10..30)
        .rev()
        .map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin/pgbench")));
    near.into_iter()
        .chain(usual)
        .find(|program| program.exists())
        .expect("pgbench, which comes with PostgreSQL")
}
