//! The journal of an operation: its requests and what came of each, in order. In the database request and answer are
//! sealed under the tenant's key; what people may see of an exchange stands beside them in the open.

mod codec;
mod hash;
#[cfg(test)]
mod memory;
mod store;

use nexusport_sandbox::carrier::{Answer, Exchange, Request};

use super::{
    operation::Operation,
    rules::{Known, Slot},
};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, Result},
    ids::OperationId,
    vault::TenantKey,
};

pub(super) use hash::{Hash, request_bytes};
pub use store::{Answered, Listed};

/// The journal, opened.
#[derive(Debug, Default, Clone)]
pub(super) struct Journal {
    entries: Vec<Entry>,
}

/// One request and what came of it.
#[derive(Debug, Clone)]
struct Entry {
    request: Request,
    hash: Hash,
    /// None while it is being sent for the first time.
    answer: Option<Answer>,
    sending: bool,
    first: Timestamp,
    at: Timestamp,
    repeats: u32,
}

impl Journal {
    /// Reads and opens the whole journal.
    pub async fn load(tx: &mut impl Tx, operation: &Operation, key: &TenantKey) -> Result<Self> {
        let rows = store::load(tx, operation.id).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for (n, row) in rows.into_iter().enumerate() {
            let seal = Seal { operation, n, key };
            if row.n != seal.number() {
                return Err(Fault::broken(format!(
                    "the journal of operation {} has a hole",
                    operation.id
                )));
            }
            entries.push(Entry::open(&seal, row)?);
        }
        Ok(Self { entries })
    }

    /// The journal as the rules see it.
    pub fn slots(&self) -> Vec<Slot> {
        self.entries.iter().map(Entry::slot).collect()
    }

    /// The first `count` exchanges as the adapter sees them. Only the last of a journal can be without an answer.
    pub fn exchanges(&self, count: usize) -> Vec<Exchange> {
        self.entries
            .iter()
            .take(count)
            .filter_map(Entry::exchange)
            .collect()
    }

    /// The last request.
    pub fn last(&self) -> Option<&Request> {
        self.entries.last().map(|entry| &entry.request)
    }

    /// When the latest answer was written down; none before any.
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.entries.last().map(|entry| entry.at)
    }

    /// Writes a new request as `sending`.
    pub async fn append(
        &mut self,
        tx: &mut WriteTx,
        operation: &Operation,
        key: &TenantKey,
        request: Request,
    ) -> Result<()> {
        let seal = Seal {
            operation,
            n: self.entries.len(),
            key,
        };
        let sealed = key.seal(&seal.context("request"), &codec::encode_request(&request)?);
        let hash = Hash::of(&request);
        store::insert(tx, operation, seal.number(), &request, hash, sealed).await?;
        self.appended(request, tx.now());
        Ok(())
    }

    /// Writes the last request as `sending` once more.
    pub async fn reopen(&mut self, tx: &mut WriteTx, operation: &Operation) -> Result<()> {
        let n = self.entries.len().saturating_sub(1);
        let last = self.entries.last_mut().ok_or_else(empty)?;
        store::reopen(tx, operation.id, number(n), last.repeats).await?;
        last.reopened();
        Ok(())
    }

    /// Writes what came of the last request, which must be `sending`.
    pub async fn record(
        &mut self,
        tx: &mut WriteTx,
        operation: &Operation,
        key: &TenantKey,
        answer: Answer,
    ) -> Result<()> {
        let seal = Seal {
            operation,
            n: self.entries.len().saturating_sub(1),
            key,
        };
        let last = self.entries.last_mut().ok_or_else(empty)?;
        let now = tx.now();
        let encoded = codec::encode_answer(&answer)?;
        let answered = store::NewAnswer {
            state: state(known(&answer)),
            status: status(&answer),
            hash: hash::of_answer(&answer),
            sealed: key.seal(&seal.context("answer"), &encoded),
            at: now,
        };
        store::record(tx, operation, seal.number(), last.repeats, &answered).await?;
        last.recorded(answer, now);
        Ok(())
    }

    fn appended(&mut self, request: Request, now: Timestamp) {
        self.entries.push(Entry {
            hash: Hash::of(&request),
            request,
            answer: None,
            sending: true,
            first: now,
            at: now,
            repeats: 0,
        });
    }
}

/// What an exchange was, for people. Bodies are opened for the reseller alone: what carriers and hosts say to
/// each other may hold what the reseller keeps from its customers, such as its buying prices.
pub(super) async fn list(
    tx: &mut impl Tx,
    operation: &Operation,
    key: Option<&TenantKey>,
) -> Result<Vec<Listed>> {
    let mut listed = store::list(tx, operation.id).await?;
    let Some(key) = key else { return Ok(listed) };
    let rows = store::load(tx, operation.id).await?;
    for (n, (shown, row)) in listed.iter_mut().zip(rows).enumerate() {
        let entry = Entry::open(&Seal { operation, n, key }, row)?;
        shown.request = Some(entry.request);
        shown.answer = entry.answer;
    }
    Ok(listed)
}

/// Binds what is sealed to its place in the journal.
struct Seal<'a> {
    operation: &'a Operation,
    n: usize,
    key: &'a TenantKey,
}

impl Seal<'_> {
    fn number(&self) -> i32 {
        number(self.n)
    }

    fn context(&self, what: &str) -> String {
        sealed_for(self.operation.id, self.n, what)
    }
}

/// What the `request` or the `answer` of an operation's nth exchange is sealed for.
pub fn sealed_for(operation: OperationId, n: usize, what: &str) -> String {
    format!("exchange:{operation}:{n}:{what}")
}

impl Entry {
    fn open(seal: &Seal<'_>, row: store::Row) -> Result<Self> {
        let request = codec::decode_request(&seal.key.open(&seal.context("request"), &row.request)?)?;
        let answer = match row.answer {
            Some(sealed) => Some(codec::decode_answer(
                &seal.key.open(&seal.context("answer"), &sealed)?,
            )?),
            None => None,
        };
        Ok(Self {
            hash: Hash::of(&request),
            request,
            answer,
            sending: row.state == state(Known::Sending),
            first: row.first_at,
            at: row.at,
            repeats: row.repeats.unsigned_abs(),
        })
    }

    fn reopened(&mut self) {
        self.repeats += 1;
        self.sending = true;
    }

    fn recorded(&mut self, answer: Answer, now: Timestamp) {
        self.answer = Some(answer);
        self.sending = false;
        self.at = now;
    }

    fn slot(&self) -> Slot {
        let known = match &self.answer {
            Some(answer) if !self.sending => known(answer),
            _ => Known::Sending,
        };
        Slot {
            hash: self.hash,
            repeatable: self.request.repeatable,
            asks: super::rules::asks(&self.request),
            repeated: self.repeats > 0,
            known,
            at: self.at,
        }
    }

    fn exchange(&self) -> Option<Exchange> {
        Some(Exchange {
            request: self.request.clone(),
            answer: self.answer.clone()?,
            at: self.at.timestamp_millis(),
            first: self.first.timestamp_millis(),
            repeats: self.repeats,
        })
    }
}

fn known(answer: &Answer) -> Known {
    match answer {
        Answer::Answered(response) => Known::Answered(response.status),
        Answer::Lost(_) => Known::Lost,
        Answer::NotSent(_) => Known::NotSent,
    }
}

/// The word in the database and on the wire.
const fn state(known: Known) -> &'static str {
    match known {
        Known::Sending => "sending",
        Known::Answered(_) => "answered",
        Known::Lost => "lost",
        Known::NotSent => "not_sent",
    }
}

fn status(answer: &Answer) -> Option<i16> {
    match answer {
        Answer::Answered(response) => i16::try_from(response.status).ok(),
        Answer::Lost(_) | Answer::NotSent(_) => None,
    }
}

fn number(n: usize) -> i32 {
    i32::try_from(n).expect("a journal has at most 64 exchanges")
}

fn empty() -> Fault {
    Fault::broken("an answer came for an empty journal")
}
