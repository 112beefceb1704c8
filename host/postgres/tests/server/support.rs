//! Data folders that clean up after themselves, processes that hold a server, and a blocking client.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use nexusport_postgres::{Options, Server};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tokio::runtime::{self, Runtime};

/// The user that stands for an ordinary one where the tests run as root.
pub const ORDINARY_UID: u32 = 65534;

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder in the system's temporary one that every user can enter, removed once no server runs in it.
pub struct Folder {
    parent: tempfile::TempDir,
    pub data: PathBuf,
}

impl Folder {
    pub fn new() -> Folder {
        Folder::named("data")
    }

    pub fn named(name: &str) -> Folder {
        let parent = tempfile::Builder::new().prefix("np-").tempdir().unwrap();
        fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
        let data = parent.path().join(name);
        Folder { parent, data }
    }

    pub fn path(&self) -> &Path {
        self.parent.path()
    }

    pub fn options(&self) -> Options {
        Options::new(&self.data)
    }

    pub fn start(&self) -> Server {
        Server::start(&self.options()).unwrap()
    }

    /// The number of the server's main process.
    pub fn postmaster(&self) -> i32 {
        let pid = fs::read_to_string(self.data.join("cluster/postmaster.pid")).unwrap();
        pid.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Ok(log) = File::open(self.data.join("postgres.log")) {
            let _ = log.lock();
        }
    }
}

pub fn kill(pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

/// Another process that holds the server of a folder: the example `hold`.
pub struct Holder(Child);

impl Holder {
    pub fn command(folder: &Folder) -> Command {
        let built = std::env::current_exe()
            .unwrap()
            .parent()
            .unwrap()
            .with_file_name("examples/hold");
        // The build folder may be closed to other users.
        let program = folder.path().join("hold");
        if !program.exists() {
            fs::copy(&built, &program)
                .unwrap_or_else(|error| panic!("{} was not built: {error}", built.display()));
        }
        let mut command = Command::new(program);
        command
            .arg(&folder.data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn ordinary(folder: &Folder) -> Command {
        let mut command = Holder::command(folder);
        if is_root() {
            command.uid(ORDINARY_UID).gid(ORDINARY_UID);
        }
        command
    }

    pub fn spawn(mut command: Command) -> Holder {
        loop {
            match command.spawn() {
                // Another test's child, forked while the program was being copied, has it open until its own exec.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
                child => return Holder(child.unwrap()),
            }
        }
    }

    /// Waits for the server and returns its URL.
    pub fn url(&mut self) -> String {
        let mut url = String::new();
        BufReader::new(self.0.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        if url.is_empty() {
            panic!("the holder failed: {}", self.refusal());
        }
        url.trim_end().to_owned()
    }

    /// Waits for the end of a holder that got no server and returns what it said.
    pub fn refusal(&mut self) -> String {
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!self.0.wait().unwrap().success());
        said.trim_end().to_owned()
    }

    /// Kills the process as `kill -9` does.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.end();
    }
}

/// A connection whose calls block.
pub struct Client {
    runtime: Runtime,
    connection: PgConnection,
}

impl Client {
    pub fn connect(url: &str) -> Client {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let connection = runtime.block_on(PgConnection::connect(url)).unwrap();
        Client { runtime, connection }
    }

    pub fn superuser(server: &Server) -> Client {
        Client::connect(&server.url("postgres", "postgres"))
    }

    pub fn run(&mut self, sql: &'static str) {
        self.runtime
            .block_on(sqlx::raw_sql(sql).execute(&mut self.connection))
            .unwrap();
    }

    /// The one text value that a query returns.
    pub fn text(&mut self, sql: &'static str) -> String {
        self.runtime
            .block_on(sqlx::query_scalar(sql).fetch_one(&mut self.connection))
            .unwrap()
    }

    /// The one number that a query returns, or what broke.
    pub fn number(&mut self, sql: &'static str) -> Result<i64, sqlx::Error> {
        self.runtime
            .block_on(sqlx::query_scalar(sql).fetch_one(&mut self.connection))
    }
}
