//! Running PostgreSQL's programs: a clean environment, the right user, and what they said when they fail.
//! Knows nothing of clusters or servers.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::account::Account;
use crate::error::{Error, Naming};

/// POSIX puts it here on every platform this crate runs on.
pub(crate) const SHELL: &str = "/bin/sh";

/// How much of a program's last words an error carries: enough for PostgreSQL's message, detail and hint.
const SAID_LINES: usize = 6;

/// A command that inherits nothing but the search path. Locale, time zone, PG* variables and the current folder
/// of whoever runs the host must not decide what a cluster looks like.
pub(crate) fn command(program: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    command
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C")
        .env("TZ", "UTC");
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// Runs a prepared command to its end; a failure carries what it wrote to its standard error.
pub(crate) fn run(mut command: Command) -> Result<(), Error> {
    let program = command.get_program().to_owned();
    let program = Path::new(&program);
    let output = command.stderr(Stdio::piped()).output().naming("run", program)?;
    if output.status.success() {
        return Ok(());
    }
    Err(failure(program, &String::from_utf8_lossy(&output.stderr)))
}

/// The error of a program that failed after writing `stderr`.
pub(crate) fn failure(program: &Path, stderr: &str) -> Error {
    let name = program.file_name().unwrap_or(program.as_os_str());
    Error::Failed {
        program: name.to_string_lossy().into_owned(),
        said: last_words(stderr),
    }
}

/// The last lines of a program's output as one line.
pub(crate) fn last_words(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    match lines[lines.len().saturating_sub(SAID_LINES)..].join("; ") {
        said if said.is_empty() => "it said nothing".to_owned(),
        said => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_inherits_only_the_search_path() {
        let output = command(Path::new("env"), None)
            .stdout(Stdio::piped())
            .output()
            .expect("env runs");
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut names: Vec<_> = output
            .lines()
            .filter_map(|line| Some(line.split_once('=')?.0))
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["LC_ALL", "PATH", "TZ"]);
    }

    #[test]
    fn last_words_are_one_line_and_never_empty() {
        let output = "1\n2\n3\n\nFATAL:  no\n  DETAIL: because\n5\n6\n7\n";
        assert_eq!(last_words(output), "3; FATAL:  no; DETAIL: because; 5; 6; 7");
        assert_eq!(last_words("\n"), "it said nothing");
    }
}
