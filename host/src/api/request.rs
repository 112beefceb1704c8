//! What requests are read into, with problems that name what is wrong: JSON bodies, ids in paths, pages.

use axum::{
    Json as AxumJson,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::JsonRejection},
    http::{StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::problem::Problem;
use crate::{
    db::Scope,
    etag::{Etag, Expected},
    fault::Result,
    page,
};

/// A JSON body, read strictly; unknown fields are refused by the types themselves. Also an answer.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match AxumJson::<T>::from_request(request, state).await {
            Ok(AxumJson(body)) => Ok(Self(body)),
            Err(rejection) => Err(body_problem(&rejection)),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        AxumJson(self.0).into_response()
    }
}

fn body_problem(rejection: &JsonRejection) -> Problem {
    let status = rejection.status();
    match rejection {
        JsonRejection::JsonSyntaxError(_) => Problem::malformed("json_malformed", cause(rejection)),
        JsonRejection::JsonDataError(_) => Problem::new(status, "json_unexpected", cause(rejection)),
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            status,
            "content_type_unexpected",
            "the body must come as content-type application/json",
        ),
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => {
            let limit = super::MAX_BODY_BYTES;
            Problem::new(
                status,
                "body_too_large",
                format!("a body can have at most {limit} bytes"),
            )
        }
        _ => Problem::malformed("body_unreadable", "the body could not be read"),
    }
}

/// The innermost reason, which names the field and the place.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// One id from the path. What is not an id names nothing: 404, like an unknown one.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: From<Uuid>> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id.into())),
            Err(_) => Err(crate::fault::Fault::Missing.into()),
        }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    pub limit: Option<u32>,
}

impl PageQuery {
    /// The page that is wanted of this list.
    pub fn page(&self, scope: Scope, list: &str) -> Result<page::Page> {
        page::Page::parse(scope, list, self.cursor.as_deref(), self.limit)
    }
}

/// A query string, read strictly.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::malformed("query_unexpected", cause(&rejection))),
        }
    }
}

/// A list's query, which may also narrow the list by fields of a tenant's own: `field.<key>=value`, several of them all
/// at once.
pub struct Narrowed<T> {
    /// The rest of the query.
    pub query: T,
    /// Keys and values.
    pub fields: Vec<(String, String)>,
}

/// The most fields that a list is narrowed by.
const FIELDS_AT_MOST: usize = 10;

impl<T> Narrowed<T> {
    /// The name of the narrowed list in cursors.
    pub fn list(&self, name: &str) -> String {
        match &*self.fields {
            [] => name.to_owned(),
            fields => format!("{name}{fields:?}"),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Narrowed<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let raw = parts.uri.query().unwrap_or_default().split('&');
        let (fields, rest): (Vec<_>, Vec<_>) = raw.partition(|pair| pair.starts_with("field."));
        if fields.len() > FIELDS_AT_MOST {
            let message = format!("a list is narrowed by at most {FIELDS_AT_MOST} fields");
            return Err(Problem::malformed("fields_too_many", message));
        }
        let fields: Vec<(String, String)> = parsed(&fields.join("&"))?;
        let key = |name: String| name.strip_prefix("field.").map_or(name.clone(), str::to_owned);
        let mut fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (key(name), value))
            .collect();
        fields.sort();
        Ok(Self {
            query: parsed(&rest.join("&"))?,
            fields,
        })
    }
}

fn parsed<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let uri: Uri = format!("/?{query}")
        .parse()
        .map_err(|_| Problem::malformed("query_unexpected", "the query is not one"))?;
    let Query(parsed) = Query::try_from_uri(&uri)
        .map_err(|rejection| Problem::malformed("query_unexpected", cause(&rejection)))?;
    Ok(parsed)
}

/// The `If-Match` header: the version that an edit is meant for.
pub struct IfMatch(pub Expected);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let lines = parts.headers.get_all(header::IF_MATCH).iter();
        let lines: Vec<_> = lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .collect();
        let header = (!lines.is_empty()).then(|| lines.join(","));
        Ok(Self(Expected::new(header)))
    }
}

/// An answer with the ETag of what it shows.
pub struct Versioned<T>(pub Etag, pub T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let Self(etag, body) = self;
        ([(header::ETAG, etag.as_str())], Json(body)).into_response()
    }
}

/// Part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items<T> {
    /// In order of creation.
    pub items: Vec<T>,
    /// The cursor of the following page, if there is one.
    pub next: Option<String>,
}

impl<T> Items<T> {
    /// A domain page in the API's own types.
    pub fn from_page<D>(page: page::Items<D>) -> Self
    where
        T: From<D>,
    {
        Self {
            items: page.items.into_iter().map(T::from).collect(),
            next: page.next,
        }
    }
}

/// Every line logged for a request carries what was asked; the tenant joins once it is known.
pub(super) async fn trace(request: Request, next: Next) -> Response {
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        reseller = tracing::field::Empty,
        tenant = tracing::field::Empty,
    );
    async move {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await
}
