//! Sharing one server among processes: every holder keeps a FIFO open for writing, and a shell script, the guard,
//! stops the server when it reads the FIFO's end. No holder has to say goodbye, so none can fail to.
//!
//! A newcomer is safe only once the guard has answered it: having opened the FIFO proves nothing, because the guard
//! may already have read its end. Callers hold the data folder's lock; only one newcomer asks at a time.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::error::{Error, Naming};
use crate::home::Home;
use crate::program;

const SCRIPT: &str = include_str!("guard.sh");

/// A share in a running server: the server runs at least until this is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    _fifo: File,
}

/// Takes a share in the server that runs already; nothing when there is none, or it is about to stop.
pub(crate) fn join(home: &Home, patience: Duration) -> Result<Option<Hold>, Error> {
    let (hold, ack) = (home.path("hold.fifo"), home.path("ack.fifo"));
    let (Some(mut answers), Some(mut fifo)) = (
        open_now(OpenOptions::new().read(true), &ack)?,
        open_now(OpenOptions::new().write(true), &hold)?,
    ) else {
        return Ok(None);
    };
    let word = format!("{:016x}\n", RandomState::new().build_hasher().finish());
    match fifo.write_all(word.as_bytes()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(None),
        Err(error) => return Err(error).naming("write", &hold),
    }
    match hears(&mut answers, word.as_bytes(), patience).naming("read", &ack)? {
        Some(true) => Ok(Some(Hold { _fifo: fifo })),
        Some(false) => Ok(None),
        None => Err(Error::Slow {
            what: format!("the answer of the server's guard in {}", home.root().display()),
            limit: patience,
        }),
    }
}

/// Starts a guard that owns the server `command` and says everything into `log`.
pub(crate) fn spawn(
    home: &Home,
    command: &Command,
    socket: &Path,
    log: File,
) -> Result<(Hold, Child), Error> {
    let (hold, ack) = (fifo(home, "hold.fifo")?, fifo(home, "ack.fifo")?);
    let (fifo, words) = both_ends(&hold).naming("open", &hold)?;
    let (answers, _) = both_ends(&ack).naming("open", &ack)?;
    let shell = Path::new(program::SHELL);
    let mut guard = program::command(shell, home.account);
    guard.args(["-c", SCRIPT, "nexusport-guard"]).arg(socket);
    guard.arg(command.get_program()).args(command.get_args());
    // Its own process group: a Ctrl-C in the terminal is the host's to answer.
    guard.stdin(words).stdout(answers).stderr(log).process_group(0);
    let guard = guard.spawn().naming("run", shell)?;
    Ok((Hold { _fifo: fifo }, guard))
}

/// Whether the word comes back (true), all answering ends (false), or time runs out (nothing).
fn hears(answers: &mut File, word: &[u8], patience: Duration) -> io::Result<Option<bool>> {
    let deadline = Instant::now() + patience;
    let mut heard = Vec::new();
    let mut buffer = [0; 256];
    loop {
        match answers.read(&mut buffer) {
            Ok(0) => return Ok(Some(false)),
            Ok(count) => {
                heard.extend_from_slice(&buffer[..count]);
                // Answers to newcomers that died before they read them may come first.
                if heard.windows(word.len()).any(|window| window == word) {
                    return Ok(Some(true));
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let left = deadline.saturating_duration_since(Instant::now());
                let left =
                    Timespec::try_from(left).expect("the patience of a start fits a system's time span");
                match poll(&mut [PollFd::new(answers, PollFlags::IN)], Some(&left)) {
                    Ok(0) => return Ok(None),
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens one end of a FIFO without waiting for the other; nothing when the FIFO or its reader is missing.
fn open_now(options: &mut OpenOptions, path: &Path) -> Result<Option<File>, Error> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    match options.custom_flags(flags).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => Ok(None),
        Err(error) => Err(error).naming("open", path),
    }
}

/// Opens a FIFO for writing and for reading, both blocking from here on. A first, non-blocking reader lets the
/// writer open at once, and the writer the lasting reader.
fn both_ends(path: &Path) -> io::Result<(File, File)> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let _opener = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let writer = OpenOptions::new().write(true).open(path)?;
    let reader = OpenOptions::new().read(true).open(path)?;
    Ok((writer, reader))
}

/// The path of a FIFO that exists. An old one is kept: a process that outlived a crash of the server still has it
/// open, and so holds the next server too.
fn fifo(home: &Home, name: &str) -> Result<PathBuf, Error> {
    let path = home.path(name);
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.file_type().is_fifo() => return Ok(path),
        Ok(_) => fs::remove_file(&path).naming("remove", &path)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).naming("look at", &path),
    }
    let mut mkfifo = program::command(Path::new("mkfifo"), None);
    mkfifo.args(["-m", "600"]).arg(&path);
    program::run(mkfifo)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::thread;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Joins a guard that answers a word with what `answer` makes of it, then lets go of both FIFOs.
    fn joined(answer: fn(&str) -> String) -> Result<Option<Hold>, Error> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::open(folder.path()).expect("the folder opens");
        let (hold, ack) = (
            fifo(&home, "hold.fifo").expect("a FIFO"),
            fifo(&home, "ack.fifo").expect("a FIFO"),
        );
        let (_writer, words) = both_ends(&hold).expect("the FIFO opens");
        let (mut answers, _) = both_ends(&ack).expect("the FIFO opens");
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut word = String::new();
                BufReader::new(words)
                    .read_line(&mut word)
                    .expect("a newcomer's word");
                answers
                    .write_all(answer(&word).as_bytes())
                    .expect("the newcomer listens");
            });
            join(&home, PATIENCE)
        })
    }

    #[test]
    fn a_guard_that_ends_without_an_answer_is_not_joined() {
        assert!(matches!(joined(|_| String::new()), Ok(None)));
        assert!(
            matches!(joined(|_| "0123456789abcdef\n".to_owned()), Ok(None)),
            "another's answer"
        );
    }

    #[test]
    fn a_guards_answer_is_found_behind_those_to_newcomers_that_died() {
        let joined = joined(|word| format!("0123456789abcdef\n{word}"));
        assert!(matches!(joined, Ok(Some(_))));
    }

    #[test]
    fn without_a_guard_there_is_nothing_to_join() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::open(folder.path()).expect("the folder opens");
        assert!(matches!(join(&home, PATIENCE), Ok(None)), "no FIFO");
        fifo(&home, "hold.fifo")
            .and_then(|_| fifo(&home, "ack.fifo"))
            .expect("FIFOs");
        assert!(matches!(join(&home, PATIENCE), Ok(None)), "no reader");
    }
}
