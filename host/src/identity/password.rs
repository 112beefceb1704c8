//! Passwords: argon2id with the parameters of OWASP's password storage cheat sheet (19 MiB, 2 passes). Hashing
//! takes tens of milliseconds on purpose, so it runs off the request threads.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};

use tokio::sync::Semaphore;

use crate::{
    app,
    fault::{Fault, Result},
};

const MIN_CHARS: usize = 12;
const MAX_BYTES: usize = 256;
/// Hashes made at once. Each takes 19 MiB and a core, and anybody can ask for one.
const AT_ONCE: usize = 8;
static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A hash of no password, verified for unknown addresses so that they take as long as known ones.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Refuses passwords that are too short to resist guessing or too long to hash.
pub fn check(password: &str) -> Result<()> {
    if password.chars().count() < MIN_CHARS {
        return Err(Fault::invalid(
            "password_too_short",
            format!("a password needs at least {MIN_CHARS} characters"),
        ));
    }
    if password.len() > MAX_BYTES {
        return Err(Fault::invalid(
            "password_too_long",
            format!("a password can have at most {MAX_BYTES} bytes"),
        ));
    }
    Ok(())
}

/// The hash to store.
pub async fn hash(password: String) -> Result<String> {
    off_thread(move || {
        let salt = app::random::<16>();
        argon2()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
    })
    .await?
    .map_err(|error| Fault::broken(error.to_string()))
}

/// Whether the password is the one that was hashed; false, as slowly, when there is no hash.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    let same = off_thread(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(known && same)
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The turn ends with the work: a stranger who does not wait for the answer frees nothing.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = TURNS.acquire().await.expect("nobody closes the turns");
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    Ok(tokio::task::spawn_blocking(work).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_right() {
        let stored = hash("correct horse battery".into()).await.unwrap();
        assert!(
            verify("correct horse battery".into(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !verify("correct horse batterz".into(), Some(stored))
                .await
                .unwrap()
        );
        assert!(!verify("correct horse battery".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn however_many_ask_only_a_few_hashes_are_made_at_once() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        let work = || {
            let running = RUNNING.fetch_add(1, SeqCst) + 1;
            (0..1000).for_each(|_| std::thread::yield_now());
            RUNNING.fetch_sub(1, SeqCst);
            running
        };
        let running = futures::future::join_all((0..64).map(|_| off_thread(work))).await;
        let most = running.into_iter().map(Result::unwrap).max();
        assert!(most <= Some(AT_ONCE), "{most:?}");
    }

    #[test]
    fn a_short_password_is_refused_with_the_limit() {
        let Err(Fault::Refused(refusal)) = check("short") else {
            panic!("a short password passed")
        };
        assert!(refusal.message.contains("12"));
    }
}
