//! Uploading a component: one answer at its end, or every check as it is made.

use axum::{
    body::Bytes,
    extract::{FromRequest, Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse as _, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::StreamExt as _;
use nexusport_sandbox as sandbox;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    MAX_HEAVY_UPLOAD_BYTES,
    auth::Bearer,
    problem::Problem,
    releases::{Check, Class, Release, World},
    request::{Json, Params},
};
use crate::{
    app::App,
    fault::Fault,
    identity::Caller,
    plugins::{self, Progress, Told},
};

const EVENTS: &str = "text/event-stream";

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// What the component is believed to be; one of another world is refused.
    world: Option<World>,
    /// The limits that it is to be held to; `light` where nothing is said.
    #[serde(default)]
    class: Class,
}

/// What an inspection is at.
#[derive(Serialize)]
struct Stage {
    /// `compile`, `describe`, `trial` or `conformance`.
    stage: &'static str,
}

/// A component's bytes.
pub(super) struct Component(Bytes);

impl<S: Send + Sync> FromRequest<S> for Component {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        if content_type.is_none_or(|given| given != "application/wasm") {
            let rule = "a component must come as content-type application/wasm";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type_unexpected",
                rule,
            ));
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                let rule = format!("a component can have at most {MAX_HEAVY_UPLOAD_BYTES} bytes");
                Err(Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    rule,
                ))
            }
            Err(_) => Err(Problem::malformed(
                "body_unreadable",
                "the body could not be read",
            )),
        }
    }
}

/// Upload a WebAssembly component as a release; the plugin's first release makes the plugin
///
/// Asked for `text/event-stream`, it tells the events `stage` and `check` while the component is looked at, and ends with
/// `release` or `problem`, whose data are what the answer would have been. The upload goes on when its client hangs up:
/// the same component sent again is the same release. With an `Idempotency-Key` there is one answer, at the end.
#[utoipa::path(post, path = "/v1/plugins/{name}/releases", tag = "plugins", params(("name" = String, Path), UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/wasm"),
    responses((status = 201, body = Release), (status = 200, content_type = "text/event-stream", body = String),
        (status = 413, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn upload(
    State(app): State<App>,
    caller: Caller,
    Bearer(token): Bearer,
    Path(plugin): Path<String>,
    Params(query): Params<UploadQuery>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<Response, Problem> {
    let upload = plugins::Upload {
        plugin,
        world: query.world.map(sandbox::World::from),
        class: query.class.into(),
        component,
    };
    if wants_events(&headers) {
        let told = plugins::upload_followed(&app, &caller, token, upload).await?;
        let no_store = [(header::CACHE_CONTROL, "private, no-store")];
        let events = Sse::new(told.map(event)).keep_alive(KeepAlive::default());
        return Ok((no_store, events).into_response());
    }
    let release = plugins::upload(&app, &caller, upload).await?;
    Ok((StatusCode::CREATED, Json(Release::from(release))).into_response())
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).into_iter();
    accepted
        .filter_map(|accept| accept.to_str().ok())
        .flat_map(|accept| accept.split(','))
        .any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == EVENTS))
}

fn event(told: Result<Told, Fault>) -> Result<Event, axum::Error> {
    match told {
        Ok(Told::Progress(Progress::Began(stage))) => named("stage", &Stage { stage: stage.name() }),
        Ok(Told::Progress(Progress::Ended(check))) => named("check", &Check::from(check)),
        Ok(Told::Release(release)) => named("release", &Release::from(*release)),
        Err(fault) => named("problem", &Problem::from(fault)),
    }
}

fn named(name: &str, data: &impl Serialize) -> Result<Event, axum::Error> {
    Event::default().event(name).json_data(data)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn events_are_for_whoever_names_them() {
        let check = |accept: &'static str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(wants_events(&headers), expected, "{accept}");
        };
        check("text/event-stream", true);
        check("application/json;q=0.5, text/event-stream; q=1", true);
        check("*/*", false);
        check("application/json", false);
        assert!(!wants_events(&HeaderMap::new()));
    }
}
