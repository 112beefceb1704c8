//! What a reseller shows at its address before anybody is known.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Api, auth::Addressed, problem::Problem, request::Json};
use crate::{
    app::App,
    fault::Fault,
    identity::entrance,
    ids::TenantId,
    plugins::{self, Front},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(brand))
}

/// The brand of a reseller: its own, or a plain one with its name.
#[derive(Serialize, ToSchema)]
struct Brand {
    name: String,
    colours: Colours,
    /// An SVG document of shapes alone, or empty.
    logo_svg: String,
    /// Where customers write to, or empty.
    support_address: String,
    /// The reseller's own words for keys such as `change.state.verified`.
    labels: Vec<Label>,
}

/// Each as `#rrggbb`.
#[derive(Serialize, ToSchema)]
struct Colours {
    primary: String,
    accent: String,
    background: String,
    text: String,
}

#[derive(Serialize, ToSchema)]
struct Label {
    key: String,
    text: String,
}

impl From<Front> for Brand {
    fn from(front: Front) -> Self {
        let Front { theme, labels } = front;
        let labels = labels.into_iter().map(|label| Label {
            key: label.key,
            text: label.text,
        });
        Self {
            name: theme.name,
            colours: Colours {
                primary: theme.primary,
                accent: theme.accent,
                background: theme.background,
                text: theme.text,
            },
            logo_svg: theme.logo_svg,
            support_address: theme.support_address,
            labels: labels.collect(),
        }
    }
}

/// The brand of the reseller whose address this is
///
/// Asked without a token, at a reseller's address. Whoever keeps the answer may ask with `If-None-Match`.
#[utoipa::path(get, path = "/v1/brand", tag = "entrance", security(()),
    responses((status = 200, body = Brand), (status = 304, description = "Still the one with this ETag"),
        (status = 421, body = Problem)))]
async fn brand(
    State(app): State<App>,
    addressed: Addressed,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reseller = addressed.reseller()?;
    let front = plugins::front(&app, &entrance::visitor(reseller)).await?;
    let brand = Brand::from(front);
    let tag = tag(reseller, &brand)?;
    let mut response = if is_known(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(brand).into_response()
    };
    let kept = [
        (header::ETAG, tag),
        // The same path is another brand at another host.
        (header::VARY, HeaderValue::from_static("host")),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=60"),
        ),
    ];
    response.headers_mut().extend(kept);
    Ok(response)
}

/// Names the answer and whose it is: two resellers with the same brand have two tags.
fn tag(reseller: TenantId, brand: &Brand) -> Result<HeaderValue, Fault> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(reseller.uuid().as_bytes());
    serde_json::to_writer(&mut hasher, brand)?;
    let tag = format!("\"{}\"", &hasher.finalize().to_hex()[..32]);
    Ok(HeaderValue::try_from(tag)?)
}

/// Whether the asker has this answer (RFC 9110, section 13.1.2): weak tags compare by what they quote.
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = given
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    tags.any(|given| given == "*" || given.trim_start_matches("W/").as_bytes() == tag.as_bytes())
}
