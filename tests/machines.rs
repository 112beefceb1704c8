//! State machines: the code and the database know the same steps, both refuse all others, and docs/state-machines.md
//! draws them.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use nexusport::{
    carriers::{inventory, operations},
    ports::{
        change::{ChangeState, LegState},
        drift::DriftState,
        port,
        schedule::ScheduleState,
    },
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::{harness::Database, tenancy::seed};

type Steps = BTreeSet<(String, String)>;

/// What code and database say of a machine.
struct Machine {
    name: &'static str,
    states: Vec<&'static str>,
    steps: Steps,
    /// Whether the code refuses exactly what is no step.
    refuses: bool,
}

macro_rules! machine {
    ($state:ty) => {{
        let states = <$state>::ALL;
        let pairs = || {
            states
                .iter()
                .flat_map(|from| states.iter().map(move |to| (*from, *to)))
        };
        Machine {
            name: <$state>::MACHINE,
            states: states.iter().map(|state| state.name()).collect(),
            steps: pairs()
                .filter(|(from, to)| from.next().contains(to))
                .map(|(from, to)| (from.name().to_owned(), to.name().to_owned()))
                .collect(),
            refuses: pairs().all(|(from, to)| from.become_(to).is_ok() == from.next().contains(&to)),
        }
    }};
}

fn machines() -> Vec<Machine> {
    vec![
        machine!(ChangeState),
        machine!(LegState),
        machine!(operations::State),
        machine!(port::State),
        machine!(ScheduleState),
        machine!(DriftState),
        machine!(inventory::State),
    ]
}

/// The steps that the database knows.
async fn in_database(conn: &mut PgConnection, machine: &str) -> Steps {
    let rows = sqlx::query("select from_state, to_state from transition where machine = $1")
        .bind(machine)
        .fetch_all(conn)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn code_and_database_know_the_same_steps() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    for machine in machines() {
        assert_eq!(
            machine.steps,
            in_database(&mut conn, machine.name).await,
            "{}",
            machine.name
        );
        assert!(machine.refuses, "{}", machine.name);
    }
}

#[tokio::test]
async fn every_illegal_step_is_refused_by_the_database() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    seed::fill(&mut conn).await;
    for machine in machines() {
        let (mut legal, mut illegal) = (0, 0);
        for from in &machine.states {
            for to in machine.states.iter().filter(|to| *to != from) {
                let step = ((*from).to_owned(), (*to).to_owned());
                match step_is_taken(&mut conn, machine.name, (from, to)).await {
                    Some(taken) => {
                        assert_eq!(taken, machine.steps.contains(&step), "{}: {step:?}", machine.name);
                        legal += usize::from(taken);
                        illegal += usize::from(!taken);
                    }
                    None => panic!("{}: {step:?} could not be tried", machine.name),
                }
            }
        }
        let states = machine.states.len();
        assert_eq!(
            (legal, illegal),
            (machine.steps.len(), states * (states - 1) - legal)
        );
    }
}

/// Whether the database lets a row take a step; none where there is no row to try it on. Nothing is kept.
async fn step_is_taken(conn: &mut PgConnection, table: &str, (from, to): (&str, &str)) -> Option<bool> {
    let mut tx = conn.begin().await.unwrap();
    // A held change says until when; nobody is asked how the row came to where it stands.
    let held = if table == "bandwidth_change" {
        ", held_until = now()"
    } else {
        ""
    };
    let begin = format!(
        "set local session_replication_role = replica;
        update {table} set state = '{from}'{held} where ctid = (select min(ctid) from {table});
        set local session_replication_role = origin"
    );
    sqlx::raw_sql(AssertSqlSafe(begin))
        .execute(&mut *tx)
        .await
        .unwrap();
    let step = format!(
        "update {table} set state = '{to}' where ctid = (select ctid from {table} where state = '{from}' limit 1)"
    );
    let taken = sqlx::query(AssertSqlSafe(step)).execute(&mut *tx).await;
    let taken = match taken {
        Ok(done) => (done.rows_affected() == 1).then_some(true),
        Err(error) => {
            let constraint = error
                .as_database_error()
                .and_then(|error| error.constraint().map(str::to_owned));
            assert_eq!(constraint, Some(format!("{table}_transition")), "{error}");
            Some(false)
        }
    };
    tx.rollback().await.unwrap();
    taken
}

#[tokio::test]
async fn the_page_draws_every_machine() {
    let drawn = draw(&machines());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/state-machines.md");
    if std::env::var_os("NEXUSPORT_WRITE_DOCS").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        drawn,
        "NEXUSPORT_WRITE_DOCS=1 writes it anew"
    );
}

fn draw(machines: &[Machine]) -> String {
    let mut page = "# State machines\n\n\
        Drawn from the code by `tests/machines.rs`, which compares it with the table `transition`: a trigger refuses every other step, whatever the\n\
        code believes. What each state means is said beside its name in the code.\n"
        .to_owned();
    for Machine {
        name, states, steps, ..
    } in machines
    {
        write!(page, "\n## {name}\n\n```mermaid\nstateDiagram-v2\n").unwrap();
        for state in states {
            let begins = !steps.iter().any(|(_, to)| to == state);
            let ends = !steps.iter().any(|(from, _)| from == state);
            if begins {
                writeln!(page, "    [*] --> {state}").unwrap();
            }
            for (_, to) in steps.iter().filter(|(from, _)| from == state) {
                writeln!(page, "    {state} --> {to}").unwrap();
            }
            if ends {
                writeln!(page, "    {state} --> [*]").unwrap();
            }
        }
        page.push_str("```\n");
    }
    page
}
