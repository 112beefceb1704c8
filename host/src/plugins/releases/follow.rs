//! An upload that is followed by whoever sent it: each check as it was made, and then what came of it. Following decides
//! nothing: the upload is a task of its own, so a follower who goes away, or who may hear no more, leaves it as it is.

use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};

use super::{Progress, Release, Upload, upload::begin};
use crate::{
    app::App,
    db::Scope,
    fault::{Fault, Result},
    identity::{Caller, Permission, entrance},
};

/// What a follower is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Something on the way; there are at most as many as there are checks and stages.
    Progress(Progress),
    /// The end.
    Release(Box<Release>),
}

/// Like [`upload`](super::upload()), telling it to whoever this token stands for at each moment. What is refused before
/// anything was looked at is refused here; a later refusal is the stream's last item.
pub async fn upload_followed(
    app: &App,
    caller: &Caller,
    token: String,
    upload: Upload,
) -> Result<BoxStream<'static, Result<Told>>> {
    let (tell, progress) = unbounded_channel();
    let follower = Follower {
        app: app.clone(),
        scope: caller.scope(),
        token,
        progress,
        work: begin(app, caller, upload, tell),
    };
    let mut told = Box::pin(stream::try_unfold(Some(follower), Follower::hear));
    let first = told.try_next().await?;
    Ok(stream::iter(first.map(Ok)).chain(told).boxed())
}

struct Follower {
    app: App,
    scope: Scope,
    token: String,
    progress: UnboundedReceiver<Progress>,
    work: JoinHandle<Result<Release>>,
}

impl Follower {
    /// The next thing that is told, and who hears what comes after it.
    async fn hear(follower: Option<Self>) -> Result<Option<(Told, Option<Self>)>> {
        let Some(mut follower) = follower else {
            return Ok(None);
        };
        if let Some(progress) = follower.progress.recv().await {
            follower.may_hear().await?;
            return Ok(Some((Told::Progress(progress), Some(follower))));
        }
        let release = (&mut follower.work).await?;
        follower.may_hear().await?;
        Ok(Some((Told::Release(Box::new(release?)), None)))
    }

    /// What was admitted goes on, but nobody is told of it who would not be let in now.
    async fn may_hear(&self) -> Result<()> {
        let caller = entrance::authenticate(&self.app, &self.token).await?;
        if caller.scope() != self.scope {
            return Err(Fault::Missing);
        }
        if !caller.may(Permission::PluginsUpload) {
            return Err(Fault::Denied(Permission::PluginsUpload));
        }
        Ok(())
    }
}
