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

use super::{Api, auth::Addressed, operator};

/// The document of the whole API.
pub fn document() -> OpenApi {
    named(super::routes().into_openapi())
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

/// The document and the page; where a reseller is served, without what is not served there.
pub(super) fn routes(document: OpenApi) -> Router<Api> {
    let whole = named(document);
    let mut part = whole.clone();
    part.paths.paths.retain(|path, _| !operator::is_below(path));
    let pages = [Html(reference(&whole)), Html(reference(&part))];
    let documents = [whole, part];
    let which = |addressed| usize::from(addressed != Addressed::Platform);
    Router::new()
        .route(
            "/openapi.json",
            get(move |addressed: Addressed| std::future::ready(Json(documents[which(addressed)].clone()))),
        )
        .route("/", get(|| std::future::ready(Redirect::temporary("/docs"))))
        .route(
            "/docs",
            get(move |addressed: Addressed| std::future::ready(pages[which(addressed)].clone())),
        )
}

/// Handlers are called alike in every file, so an operation is named by its method and path: there is no second one,
/// and it keeps its name when code moves.
fn named(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let methods = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                operation.operation_id = Some(name(method, path));
            }
        }
    }
    document
}

fn name(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let words = path.split(['/', '-', '{', '}']).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |name, word| format!("{name}_{word}"))
}

/// A plain reference page that needs no script and no other host.
fn reference(document: &OpenApi) -> String {
    let mut rows = String::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_by_its_method_and_path() {
        assert_eq!(name("get", "/livez"), "get_livez");
        assert_eq!(
            name("post", "/v1/bandwidth-changes/{id}/cancel"),
            "post_bandwidth_changes_id_cancel"
        );
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = document();
        let operations = document.paths.paths.values().flat_map(|item| {
            let methods = [&item.get, &item.post, &item.put, &item.patch, &item.delete];
            methods.into_iter().flatten()
        });
        let mut names: Vec<_> = operations
            .map(|operation| operation.operation_id.clone())
            .collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
