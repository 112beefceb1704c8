//! What one reseller's uploads leave to the others.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use nexusport::{
    fault::Fault,
    ids::ReleaseId,
    plugins::{self, Upload},
};
use nexusport_plugins::PRICING_COMMITTED;
use nexusport_sandbox::{Class, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tokio::{
    io::AsyncReadExt as _,
    net::unix::pipe::{OpenOptions, Receiver},
    runtime,
    task::JoinSet,
};

use super::{
    approved,
    calls::{caller, half_the_period, request, restarted_with},
};
use crate::harness::Host;

/// Threads for work that blocks, of which a host has 512.
const THREADS: usize = 3;

#[test]
fn uploads_that_wait_leave_the_threads_to_other_resellers() {
    let running = runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(THREADS)
        .build()
        .unwrap();
    running.block_on(async {
        let host = Host::start().await;
        let greedy = host.reseller("northlight").await;
        let own = host.reseller("harbour").await;
        let release = approved(&own, "monthly", PRICING_COMMITTED).await;
        let release: ReleaseId = release.parse::<uuid::Uuid>().unwrap().into();
        let mut compiler = Stuck::new(host.folder.path());
        let app = restarted_with(&host, compiler.program.clone()).await;

        let mut uploads = JoinSet::new();
        let uploader = caller(&app, &greedy.key).await;
        for number in 0..2 * THREADS {
            let (app, uploader) = (app.clone(), uploader.clone());
            let upload = Upload {
                plugin: "x".to_owned(),
                world: Some(World::Pricing),
                class: Class::Light,
                component: format!("not a component, number {number}").into(),
            };
            uploads.spawn(async move { plugins::upload(&app, &uploader, upload).await });
        }
        compiler.has_begun().await;
        let own = caller(&app, &own.key).await;
        // Its code is on the disk and not in this host's memory: both reading and calling it take a thread.
        let priced = plugins::price(&app, &own, release, &request(vec![half_the_period()])).await;
        assert_eq!(priced.unwrap().charges.len(), 1);
        assert!(uploads.try_join_next().is_none(), "none of them has ended");

        compiler.go_on();
        for uploaded in uploads.join_all().await {
            let Err(Fault::Refused(refusal)) = uploaded else {
                panic!("the compiler gave up on it: {uploaded:?}");
            };
            assert_eq!(refusal.code, "component_refused");
        }
    });
}

/// A compiler that tells when it begins and does nothing until it is let go.
struct Stuck {
    program: PathBuf,
    begun: Receiver,
    go: PathBuf,
}

impl Stuck {
    fn new(folder: &Path) -> Self {
        let [program, begun, go] = ["stuck", "begun", "go"].map(|name| folder.join(name));
        mknodat(CWD, &begun, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let (tells, waits) = (begun.display(), go.display());
        let script = format!(
            "#!/bin/sh\necho begun > '{tells}'\nwhile [ ! -e '{waits}' ]; do /bin/sleep 0.02; done\nexit 1\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let begun = OpenOptions::new().open_receiver(begun).unwrap();
        Self { program, begun, go }
    }

    async fn has_begun(&mut self) {
        self.begun.read_u8().await.unwrap();
    }

    fn go_on(&self) {
        fs::write(&self.go, "").unwrap();
    }
}

impl Drop for Stuck {
    fn drop(&mut self) {
        self.go_on();
    }
}
