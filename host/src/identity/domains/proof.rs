//! What the DNS says about a claimed host, asked when the reseller wants it proven and every day after that.

use chrono::TimeDelta;
use serde_json::json;

use super::Domain;
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, OnConstraint as _, Result},
    identity::{Actor, ActorKind, AtTheEntrance, Caller, Permission, store},
    ids::DomainId,
    jobs::{self, Kind},
};

/// How often a proven host's record is looked for.
const CHECKED_EVERY: TimeDelta = TimeDelta::days(1);
/// Checks in a row without the record that end the proof.
const MISSES: i16 = 3;

/// The one who finds that a record is gone while another reseller proves the host.
const THE_HOST: Actor = Actor {
    kind: ActorKind::System,
    id: None,
    initiated_by: None,
};

/// What a look at the DNS showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    There,
    Gone,
    /// No server answered: nobody is held to that.
    Unknown,
}

/// Looks for the record now. Where it is found the host serves the reseller from the next request on.
pub async fn prove(app: &App, caller: &Caller, id: DomainId) -> Result<Domain> {
    let mut tx = app.db.read(caller, Permission::DomainsWrite).await?;
    let mut domain = store::domain(&mut tx, id).await?;
    drop(tx);
    let proof = domain
        .proof
        .clone()
        .ok_or_else(|| Fault::conflict("domain_given", "the host given at sign-up needs no proof"))?;
    let found = match look(app, &domain, &proof).await {
        Ok(found) => found,
        Err(fault) => {
            let tx = app.db.write(caller, Permission::DomainsWrite).await?;
            let event = audit::Event::refused("domain.prove", id.uuid(), json!({ "why": fault.to_string() }));
            tx.commit(event).await?;
            return Err(fault);
        }
    };
    withdraw_from_others(app, caller.scope(), &domain, &found).await?;
    let mut tx = app.db.write(caller, Permission::DomainsWrite).await?;
    let now = tx.now();
    let held = || {
        let message = format!(
            "this host is proven for somebody else, whose record still stands at {}; remove that record first",
            domain.record_name()
        );
        Fault::conflict("host_held", message)
    };
    store::mark_proven(&mut tx, id, now)
        .await
        .on_constraint("domain_host_unique", held)?;
    let initiator = tx.initiator();
    jobs::enqueue(&mut tx, Kind::CheckDomain(id), now + CHECKED_EVERY, initiator).await?;
    let event = audit::Event::done("domain.prove", id.uuid(), json!({ "host": domain.host }));
    tx.commit(event).await?;
    domain.proven_at = domain.proven_at.or(Some(now));
    (domain.checked_at, domain.misses, domain.withdrawn_at) = (Some(now), 0, None);
    Ok(domain)
}

/// Looks whether a proven host still has its record, and withdraws it after the third time in a row that it has not.
/// Until it is withdrawn or removed, the next look is a day later.
pub(crate) async fn check(app: &App, caller: &Caller, id: DomainId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let domain = match store::domain(&mut tx, id).await {
        Ok(domain) if domain.proven_at.is_some() => domain,
        Ok(_) | Err(Fault::Missing) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    drop(tx);
    let Some(proof) = domain.proof.clone() else {
        return Ok(());
    };
    let seen = match app.egress.txt(&domain.record_name()).await {
        Ok(texts) if says(&texts, &proof) => Seen::There,
        Ok(_) => Seen::Gone,
        Err(why) => {
            tracing::warn!(host = domain.host, %why, "a domain's record could not be looked for");
            Seen::Unknown
        }
    };
    let misses = misses_after(domain.misses, seen);
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let now = tx.now();
    let withdrawn = (misses >= MISSES).then_some(now);
    match store::mark_checked(&mut tx, id, now, misses, withdrawn).await {
        // Removed, or lost to somebody else, while the DNS was asked.
        Err(Fault::Missing) => return Ok(()),
        done => done?,
    }
    let detail = json!({ "host": domain.host, "misses": misses });
    if withdrawn.is_some() {
        return tx
            .commit(audit::Event::done("domain.withdraw", id.uuid(), detail))
            .await;
    }
    let initiator = tx.initiator();
    jobs::enqueue(&mut tx, Kind::CheckDomain(id), now + CHECKED_EVERY, initiator).await?;
    tx.commit(audit::Event::done("domain.check", id.uuid(), detail))
        .await
}

/// Every text at the record's name, if the reseller's own is among them.
async fn look(app: &App, domain: &Domain, proof: &str) -> Result<Vec<String>> {
    let name = domain.record_name();
    let texts = app.egress.txt(&name).await.map_err(|why| {
        Fault::conflict(
            "dns_unanswered",
            format!("the DNS did not say what {name} has: {why}"),
        )
    })?;
    match says(&texts, proof) {
        true => Ok(texts),
        false => Err(Fault::conflict(
            "proof_missing",
            format!("no TXT record at {name} says {proof}"),
        )),
    }
}

/// Takes the host from whoever else has it proven, unless that one's record is still among the texts. Apart from the
/// proof that follows, because it is written in another tenant's rows and told in its trail; should the proof then not
/// be kept, the holder has lost only what its next checks would have taken.
async fn withdraw_from_others(app: &App, scope: Scope, domain: &Domain, found: &[String]) -> Result<()> {
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let now = app.now();
    let texts: Vec<_> = found.iter().map(|text| text.trim().to_owned()).collect();
    let lost = store::withdraw_from_others(tx.conn(), scope, &domain.host, &texts, now).await?;
    let Some((holder, id)) = lost else { return Ok(()) };
    let detail = json!({ "host": domain.host, "why": "another's record stands in its place" });
    let event = audit::Event::done("domain.withdraw", id.uuid(), detail);
    tx.commit(Scope::new(holder, holder), &THE_HOST, now, event).await
}

fn says(texts: &[String], proof: &str) -> bool {
    texts.iter().any(|text| text.trim() == proof)
}

fn misses_after(misses: i16, seen: Seen) -> i16 {
    match seen {
        Seen::There => 0,
        Seen::Gone => misses + 1,
        Seen::Unknown => misses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_looks_without_the_record_end_a_proof_and_an_unanswered_one_counts_for_nothing() {
        let after = |seen: &[Seen]| seen.iter().fold(0, |misses, seen| misses_after(misses, *seen));
        use Seen::{Gone, There, Unknown};
        assert!(after(&[Gone, Gone, Unknown]) < MISSES);
        assert!(after(&[Gone, Gone, There, Gone, Gone]) < MISSES);
        assert_eq!(after(&[Gone, Unknown, Gone, Unknown, Gone]), MISSES);
    }

    #[test]
    fn a_record_says_the_proof_and_nothing_else() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(says(&texts(&["v=spf1 -all", " proof=1 "]), "proof=1"));
        assert!(!says(&texts(&["proof=11", "x proof=1", "PROOF=1"]), "proof=1"));
        assert!(!says(&[], "proof=1"));
    }
}
