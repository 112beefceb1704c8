//! Components that something happened to on their way: whatever it was, looking at them ends in a report. `.ci/long` makes
//! ten thousand of them with a seed of its own; a failure says how to make its one again.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use nexusport_inspection::{Local, Outcome, inspect};
use nexusport_sandbox::{Compiler, Limits, Sandbox, is_clean};
use serde::{Deserialize, Serialize};

use crate::mutation::{Chance, mutated, originals};

const IN_THE_SUITE: u64 = 500;
/// Processor time of one, the child and the calls of an inspection together, unless a limit of the child ended it.
const AT_MOST: Duration = Duration::from_secs(2);
const LIMITS_OF_THE_CHILD: [&str; 3] = ["compile_cpu_s", "compile_wall_s", "compile_memory_bytes"];
/// What Linux counts in wherever it runs.
const TICKS_A_SECOND: u64 = 100;
const SLOWEST: usize = 5;

const NAME: &str = "mutated::whatever_happens_to_a_component_it_ends_in_a_report";
/// Which part of the mutations a process looks at, and of how many.
const PART: &str = "NEXUSPORT_MUTATION_PART";
const PARTS: &str = "NEXUSPORT_MUTATION_PARTS";
/// What a part's last line begins with.
const ENDS: &str = "ends: ";

fn place() -> Local {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let child = env!("CARGO_BIN_EXE_nexusport-plugin");
    let compiler = Compiler::new(child, ["compile-child"], limits.clone());
    Local::new(compiler, Sandbox::new(limits).unwrap())
}

/// The check that failed, or `accepted`; an error says what was wrong with how it was looked at.
fn look(place: &Local, component: &[u8]) -> Result<String, String> {
    let inspected = inspect(place, component, &[], &mut |_| {})
        .map_err(|interrupted| format!("it came to no end: {interrupted:?}, {:?}", place.why()))?;
    let failed = inspected.failed();
    if inspected.accepted.is_some() == failed.is_some() {
        return Err(format!("neither accepted nor refused: {:?}", inspected.checks));
    }
    if failed.is_some_and(|check| check.outcome != Outcome::Failed || check.message.is_empty()) {
        return Err(format!("refused without a reason: {failed:?}"));
    }
    if let Some(raw) = inspected
        .checks
        .iter()
        .find(|check| !is_clean(&check.message, 10_000))
    {
        return Err(format!("a message that is not clean: {raw:?}"));
    }
    Ok(failed.map_or_else(|| "accepted".to_owned(), |check| check.name.clone()))
}

/// Of this process and of those of its children that have ended. Another process on the machine changes nothing about it.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The name before them is in brackets and may have anything in it; these are fields 14 to 17 of proc_pid_stat(5).
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(4)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 1000 / TICKS_A_SECOND)
}

/// What a part of the mutations came to.
#[derive(Default, Serialize, Deserialize)]
struct Ends {
    /// How many ended in which check.
    by_check: BTreeMap<String, u64>,
    /// Those that took the most processor time, in milliseconds, with their check and number.
    slowest: Vec<(u64, String, u64)>,
}

impl Ends {
    fn add(&mut self, check: String, number: u64, took: Duration) {
        *self.by_check.entry(check.clone()).or_insert(0) += 1;
        self.slowest.push((took.as_millis() as u64, check, number));
        self.cut();
    }

    fn join(&mut self, part: Self) {
        for (check, count) in part.by_check {
            *self.by_check.entry(check).or_insert(0) += count;
        }
        self.slowest.extend(part.slowest);
        self.cut();
    }

    fn cut(&mut self) {
        self.slowest.sort_by(|one, other| other.cmp(one));
        self.slowest.truncate(SLOWEST);
    }
}

/// Looks at every mutation of a part, in a process where nothing else is done.
fn look_at(seed: u64, numbers: impl Iterator<Item = u64>) -> Ends {
    let (place, originals) = (place(), originals());
    let mut ends = Ends::default();
    for number in numbers {
        let component = mutated(&mut Chance(seed ^ number.rotate_left(32)), &originals);
        let before = processor_time();
        let looked = catch_unwind(AssertUnwindSafe(|| look(&place, &component)));
        let took = processor_time() - before;
        let looked = looked.unwrap_or_else(|_| Err("the parent panicked".to_owned()));
        match looked {
            Ok(check) if took <= AT_MOST || LIMITS_OF_THE_CHILD.contains(&&*check) => {
                ends.add(check, number, took);
            }
            Ok(check) => panic!("{check} took {took:?}{}", again(seed, number)),
            Err(problem) => panic!("{problem}{}", again(seed, number)),
        }
    }
    ends
}

fn again(seed: u64, number: u64) -> String {
    format!(
        "\nagain: NEXUSPORT_MUTATION_SEED={seed} NEXUSPORT_MUTATION={number} cargo test -p nexusport-plugin --test command -- \
         mutated"
    )
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|given| given.parse().unwrap())
}

/// This test again, in a process of its own, for every so many-th mutation.
fn part(of: u64, parts: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([NAME, "--exact", "--nocapture"])
        .env(PART, of.to_string())
        .env(PARTS, parts.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
#[allow(clippy::print_stdout, reason = "whoever reads a failure wants the seed")]
fn whatever_happens_to_a_component_it_ends_in_a_report() {
    let seed = number("NEXUSPORT_MUTATION_SEED").unwrap_or(1);
    let numbers = match number("NEXUSPORT_MUTATION") {
        Some(only) => only..only + 1,
        None => 0..number("NEXUSPORT_MUTATIONS").unwrap_or(IN_THE_SUITE),
    };
    if let (Some(part), Some(parts)) = (number(PART), number(PARTS)) {
        let own = numbers.filter(|number| number % parts == part);
        let ends = serde_json::to_string(&look_at(seed, own)).unwrap();
        println!("\n{ENDS}{ends}");
        return;
    }
    let parts = thread::available_parallelism().map_or(1, usize::from) as u64;
    let working: Vec<Child> = (0..parts).map(|of| part(of, parts)).collect();
    let mut all = Ends::default();
    for part in working {
        let ended = part.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "a part of them failed: {said}");
        let ends = said.lines().find_map(|line| line.strip_prefix(ENDS));
        all.join(serde_json::from_str(ends.unwrap()).unwrap());
    }
    let Ends { by_check, slowest } = all;
    println!("seed {seed}: {by_check:?}");
    println!("the slowest, in ms of processor time: {slowest:?}");
    let count = numbers.end - numbers.start;
    assert_eq!(by_check.values().sum::<u64>(), count);
    assert!(
        count < 100 || by_check.len() > 5 && by_check.contains_key("accepted"),
        "mutations that always end alike are none: {by_check:?}"
    );
}

#[test]
fn the_same_seed_makes_the_same_component() {
    let originals = originals();
    let made = |number: u64| mutated(&mut Chance(number), &originals);
    assert_eq!(made(7), made(7));
    assert_ne!(made(7), made(8));
}
