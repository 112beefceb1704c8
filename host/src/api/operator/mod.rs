//! What the platform's operators ask, at the platform's own address alone. Nothing here takes a tenant's caller, and
//! nothing elsewhere takes an operator.

mod plans;
mod tenants;
mod visits;

use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use utoipa_axum::router::OpenApiRouter;

use super::{
    Api,
    auth::{Addressed, bearer},
    problem::{self, Problem},
};
use crate::identity::operator::{self, Operator};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(tenants::routes())
        .merge(plans::routes())
        .merge(visits::routes())
}

/// Whether a path is the operators'.
pub(super) fn is_below(path: &str) -> bool {
    path == "/v1/operator" || path.starts_with("/v1/operator/")
}

/// At a reseller's address the operators' paths answer like any that does not exist.
pub(super) async fn only_at_the_platform(request: Request, next: Next) -> Response {
    let elsewhere = request.extensions().get() != Some(&Addressed::Platform);
    if elsewhere && is_below(request.uri().path()) {
        return problem::no_such_path().await.into_response();
    }
    next.run(request).await
}

impl FromRequestParts<Api> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        Ok(operator::authenticate(&api.app, bearer(&parts.headers)?).await?)
    }
}
