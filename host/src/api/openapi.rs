//! The OpenAPI 3.1 document, generated from the handlers, and the page that shows it.

use axum::{
    Json, Router,
    response::{Html, Redirect},
    routing::get,
};
use utoipa::openapi::{
    Components, Info, OpenApi, OpenApiBuilder, SecurityRequirement,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::Api;

/// The document of the whole API.
pub fn document() -> OpenApi {
    super::routes().into_openapi()
}

pub(super) fn base() -> OpenApi {
    let mut components = Components::new();
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut info = Info::new("Bandwidth API", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Ports, bandwidth changes, prices and invoices. Every operation but those of the entrance needs a bearer token: \
         a session's or an API key's, which names the tenant."
            .into(),
    );
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

pub(super) fn routes(document: OpenApi) -> Router<Api> {
    let page = Html(reference(&document));
    Router::new()
        .route(
            "/openapi.json",
            get(move || std::future::ready(Json(document.clone()))),
        )
        .route("/", get(|| std::future::ready(Redirect::temporary("/docs"))))
        .route("/docs", get(move || std::future::ready(page.clone())))
}

/// A plain reference page that needs no script and no other host.
fn reference(document: &OpenApi) -> String {
    let mut rows = String::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            let Some(operation) = operation else { continue };
            let summary = operation
                .summary
                .as_deref()
                .or(operation.description.as_deref())
                .unwrap_or_default();
            let summary = ammonia::clean_text(summary);
            rows += &format!("<tr><td><code>{method}</code><td><code>{path}</code><td>{summary}</tr>\n");
        }
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>API reference</title>\
         <style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}td{{padding:.3rem .8rem .3rem 0;vertical-align:top}}</style>\
         <h1>API reference</h1><p>The whole description is at <a href=/openapi.json>/openapi.json</a>.</p><table>{rows}</table>"
    )
}
