//! The inert WASI: what the standard library of a language needs to start, and no more of the world than a pure
//! function may have. No environment, no input, a clock that stands still, the same random numbers in every call, and
//! every wait over at once, so that no call of it ever blocks a thread. What the guest prints is its log.
//!
//! This is our own and not `wasmtime-wasi`, whose clocks park a host thread where neither fuel nor epochs run.

use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime::{Error, Result};

use crate::bindings::inert as bindings;
use crate::bindings::inert::wasi::{cli, clocks, io, random};
use crate::store::{Exit, State};
use io::poll::Pollable;
use io::streams::{InputStream, OutputStream, StreamError};

/// Random bytes that one request may ask for: the host makes them outside of the guest's fuel.
const RANDOM_BYTES: u64 = 64 * 1024;
/// What an output stream says it takes at a time.
const WRITE_BYTES: u64 = 4 * 1024;
/// The number every resource has: they are all alike and hold nothing.
const ANY: u32 = 1;

/// Gives the linker every interface of the world `inert`.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    bindings::Inert::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}

type Written = Result<Result<(), StreamError>>;

impl State {
    fn print(&mut self, bytes: &[u8]) -> Written {
        self.log.write(bytes);
        Ok(Ok(()))
    }

    /// The next random number, by SplitMix64.
    fn number(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn numbers(&mut self, len: u64) -> Result<Vec<u8>> {
        if len > RANDOM_BYTES {
            return Err(Error::msg(format!(
                "{len} random bytes asked for, the limit is {RANDOM_BYTES}"
            )));
        }
        let mut bytes = Vec::with_capacity(len as usize + 8);
        while (bytes.len() as u64) < len {
            bytes.extend_from_slice(&self.number().to_le_bytes());
        }
        bytes.truncate(len as usize);
        Ok(bytes)
    }
}

impl io::error::Host for State {}
impl io::error::HostError for State {
    fn to_debug_string(&mut self, _: Resource<io::error::Error>) -> Result<String> {
        Ok(String::new())
    }
    fn drop(&mut self, _: Resource<io::error::Error>) -> Result<()> {
        Ok(())
    }
}

impl io::poll::Host for State {
    fn poll(&mut self, pollables: Vec<Resource<Pollable>>) -> Result<Vec<u32>> {
        if pollables.is_empty() {
            return Err(Error::msg("poll of an empty list"));
        }
        Ok((0..pollables.len() as u32).collect())
    }
}
impl io::poll::HostPollable for State {
    fn ready(&mut self, _: Resource<Pollable>) -> Result<bool> {
        Ok(true)
    }
    fn block(&mut self, _: Resource<Pollable>) -> Result<()> {
        Ok(())
    }
    fn drop(&mut self, _: Resource<Pollable>) -> Result<()> {
        Ok(())
    }
}

impl io::streams::Host for State {}
impl io::streams::HostInputStream for State {
    fn read(&mut self, _: Resource<InputStream>, _: u64) -> Result<Result<Vec<u8>, StreamError>> {
        Ok(Err(StreamError::Closed))
    }
    fn blocking_read(&mut self, _: Resource<InputStream>, _: u64) -> Result<Result<Vec<u8>, StreamError>> {
        Ok(Err(StreamError::Closed))
    }
    fn skip(&mut self, _: Resource<InputStream>, _: u64) -> Result<Result<u64, StreamError>> {
        Ok(Err(StreamError::Closed))
    }
    fn blocking_skip(&mut self, _: Resource<InputStream>, _: u64) -> Result<Result<u64, StreamError>> {
        Ok(Err(StreamError::Closed))
    }
    fn subscribe(&mut self, _: Resource<InputStream>) -> Result<Resource<Pollable>> {
        Ok(Resource::new_own(ANY))
    }
    fn drop(&mut self, _: Resource<InputStream>) -> Result<()> {
        Ok(())
    }
}

impl io::streams::HostOutputStream for State {
    fn check_write(&mut self, _: Resource<OutputStream>) -> Result<Result<u64, StreamError>> {
        Ok(Ok(WRITE_BYTES))
    }
    fn write(&mut self, _: Resource<OutputStream>, bytes: Vec<u8>) -> Written {
        self.print(&bytes)
    }
    fn blocking_write_and_flush(&mut self, _: Resource<OutputStream>, bytes: Vec<u8>) -> Written {
        self.print(&bytes)
    }
    fn flush(&mut self, _: Resource<OutputStream>) -> Written {
        Ok(Ok(()))
    }
    fn blocking_flush(&mut self, _: Resource<OutputStream>) -> Written {
        Ok(Ok(()))
    }
    fn subscribe(&mut self, _: Resource<OutputStream>) -> Result<Resource<Pollable>> {
        Ok(Resource::new_own(ANY))
    }
    fn write_zeroes(&mut self, _: Resource<OutputStream>, _: u64) -> Written {
        Ok(Ok(()))
    }
    fn blocking_write_zeroes_and_flush(&mut self, _: Resource<OutputStream>, _: u64) -> Written {
        Ok(Ok(()))
    }
    fn splice(
        &mut self,
        _: Resource<OutputStream>,
        _: Resource<InputStream>,
        _: u64,
    ) -> Result<Result<u64, StreamError>> {
        Ok(Err(StreamError::Closed))
    }
    fn blocking_splice(
        &mut self,
        _: Resource<OutputStream>,
        _: Resource<InputStream>,
        _: u64,
    ) -> Result<Result<u64, StreamError>> {
        Ok(Err(StreamError::Closed))
    }
    fn drop(&mut self, _: Resource<OutputStream>) -> Result<()> {
        Ok(())
    }
}

impl clocks::monotonic_clock::Host for State {
    fn now(&mut self) -> Result<u64> {
        Ok(0)
    }
    fn resolution(&mut self) -> Result<u64> {
        Ok(1)
    }
    fn subscribe_instant(&mut self, _: u64) -> Result<Resource<Pollable>> {
        Ok(Resource::new_own(ANY))
    }
    fn subscribe_duration(&mut self, _: u64) -> Result<Resource<Pollable>> {
        Ok(Resource::new_own(ANY))
    }
}

impl clocks::wall_clock::Host for State {
    fn now(&mut self) -> Result<clocks::wall_clock::Datetime> {
        Ok(clocks::wall_clock::Datetime {
            seconds: 0,
            nanoseconds: 0,
        })
    }
    fn resolution(&mut self) -> Result<clocks::wall_clock::Datetime> {
        Ok(clocks::wall_clock::Datetime {
            seconds: 1,
            nanoseconds: 0,
        })
    }
}

impl random::random::Host for State {
    fn get_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.numbers(len)
    }
    fn get_random_u64(&mut self) -> Result<u64> {
        Ok(self.number())
    }
}
impl random::insecure::Host for State {
    fn get_insecure_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.numbers(len)
    }
    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        Ok(self.number())
    }
}
impl random::insecure_seed::Host for State {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.number(), self.number()))
    }
}

impl cli::environment::Host for State {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }
    fn get_arguments(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}
impl cli::exit::Host for State {
    fn exit(&mut self, _: Result<(), ()>) -> Result<()> {
        Err(Exit.into())
    }
    fn exit_with_code(&mut self, _: u8) -> Result<()> {
        Err(Exit.into())
    }
}
impl cli::stdin::Host for State {
    fn get_stdin(&mut self) -> Result<Resource<InputStream>> {
        Ok(Resource::new_own(ANY))
    }
}
impl cli::stdout::Host for State {
    fn get_stdout(&mut self) -> Result<Resource<OutputStream>> {
        Ok(Resource::new_own(ANY))
    }
}
impl cli::stderr::Host for State {
    fn get_stderr(&mut self) -> Result<Resource<OutputStream>> {
        Ok(Resource::new_own(ANY))
    }
}

impl cli::terminal_input::Host for State {}
impl cli::terminal_input::HostTerminalInput for State {
    fn drop(&mut self, _: Resource<cli::terminal_input::TerminalInput>) -> Result<()> {
        Ok(())
    }
}
impl cli::terminal_output::Host for State {}
impl cli::terminal_output::HostTerminalOutput for State {
    fn drop(&mut self, _: Resource<cli::terminal_output::TerminalOutput>) -> Result<()> {
        Ok(())
    }
}
impl cli::terminal_stdin::Host for State {
    fn get_terminal_stdin(&mut self) -> Result<Option<Resource<cli::terminal_input::TerminalInput>>> {
        Ok(None)
    }
}
impl cli::terminal_stdout::Host for State {
    fn get_terminal_stdout(&mut self) -> Result<Option<Resource<cli::terminal_output::TerminalOutput>>> {
        Ok(None)
    }
}
impl cli::terminal_stderr::Host for State {
    fn get_terminal_stderr(&mut self) -> Result<Option<Resource<cli::terminal_output::TerminalOutput>>> {
        Ok(None)
    }
}
