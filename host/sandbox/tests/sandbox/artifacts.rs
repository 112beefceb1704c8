//! Compiled code that was kept outside of the host's memory.

use nexusport_plugins::{PRICING_BURST, PRICING_COMMITTED};
use nexusport_sandbox::{NotAuthentic, Plugin, open_artifact, seal_artifact};

use crate::harness::{artifact, month, price, sandbox};

const KEY: [u8; 32] = [7; 32];

#[test]
fn sealed_code_opens_and_runs() {
    let sandbox = sandbox();
    let made = artifact(PRICING_COMMITTED);
    let sealed = seal_artifact(&sandbox, &KEY, &made);
    let opened = open_artifact(&sandbox, &KEY, made.digest(), sealed.clone()).unwrap();
    assert_eq!(opened, made);
    let plugin = Plugin::load(&sandbox, &opened).unwrap();
    price(&plugin, &month(1)).result.unwrap().unwrap();
}

#[test]
fn a_single_altered_bit_anywhere_is_refused() {
    let sandbox = sandbox();
    let made = artifact(PRICING_COMMITTED);
    let mut sealed = seal_artifact(&sandbox, &KEY, &made);
    let step = sealed.len() / 200;
    for position in (0..64).chain((64..sealed.len()).step_by(step)) {
        sealed[position] ^= 1;
        assert_eq!(
            open_artifact(&sandbox, &KEY, made.digest(), sealed.clone()),
            Err(NotAuthentic),
            "byte {position}"
        );
        sealed[position] ^= 1;
    }
    assert!(open_artifact(&sandbox, &KEY, made.digest(), sealed.clone()).is_ok());
}

#[test]
fn cut_off_code_is_refused() {
    let sandbox = sandbox();
    let made = artifact(PRICING_COMMITTED);
    let sealed = seal_artifact(&sandbox, &KEY, &made);
    for length in [0, 1, 31, 32, 33, sealed.len() - 1] {
        let opened = open_artifact(&sandbox, &KEY, made.digest(), sealed[..length].to_vec());
        assert_eq!(opened, Err(NotAuthentic), "{length} bytes");
    }
}

#[test]
fn another_key_or_another_releases_code_is_refused() {
    let sandbox = sandbox();
    let (made, other) = (artifact(PRICING_COMMITTED), artifact(PRICING_BURST));
    let sealed = seal_artifact(&sandbox, &KEY, &made);
    assert_eq!(
        open_artifact(&sandbox, &[8; 32], made.digest(), sealed.clone()),
        Err(NotAuthentic)
    );
    assert_eq!(
        open_artifact(&sandbox, &KEY, other.digest(), sealed.clone()),
        Err(NotAuthentic)
    );
}
