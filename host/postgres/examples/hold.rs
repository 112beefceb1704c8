//! Holds the PostgreSQL server of a data folder until its standard input ends, or it is killed:
//! `cargo run -p nexusport-postgres --example hold -- /tmp/somewhere`. Prints the server's URL once it is up.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use nexusport_postgres::{Error, Options, Server};

fn main() -> ExitCode {
    let Some(data) = std::env::args_os().nth(1) else {
        let _ = writeln!(io::stderr(), "usage: hold FOLDER");
        return ExitCode::FAILURE;
    };
    match hold(&Options::new(data)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn hold(options: &Options) -> Result<(), Error> {
    let server = Server::start(options)?;
    let _ = writeln!(io::stdout(), "{}", server.url("postgres", "postgres"));
    let _ = io::stdin().read_to_end(&mut Vec::new());
    Ok(())
}
