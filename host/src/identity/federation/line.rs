//! The line to one provider: what the protocol's library wants sent goes through egress, under its rules for addresses,
//! sizes and times. A redirect is an answer like any other, and not the one that was wanted.

use std::{future::Future, pin::Pin};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use zeroize::Zeroizing;

use crate::{
    app::App,
    egress::{Freshness, Injection, Lane, Limits, Outgoing, Sent},
};

/// The line to a provider.
pub(super) struct Line<'a> {
    pub(super) app: &'a App,
    pub(super) lane: Lane,
    /// The client's, which is taken out of whatever the provider says.
    pub(super) secret: Zeroizing<String>,
    pub(super) freshness: Freshness,
}

/// Why a provider did not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoAnswer(String);

impl<'c> AsyncHttpClient<'c> for Line<'_> {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}

impl Line<'_> {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let (parts, body) = request.into_parts();
        let uri = &parts.uri;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(NoAnswer(
                "the provider names an address without a host".to_owned(),
            ));
        };
        let base_url = format!("{scheme}://{authority}");
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        if parts.method == http::Method::GET {
            let at = (base_url.as_str(), target);
            let sent = self
                .app
                .egress
                .document(self.lane, at, self.freshness, self.app.now());
            return read(sent.await);
        }
        let mut headers = Vec::new();
        let mut secret = None;
        for (name, value) in &parts.headers {
            let value = Zeroizing::new(value.to_str().unwrap_or_default().to_owned());
            match *name == http::header::AUTHORIZATION {
                true => secret = Injection::header(name.as_str(), &value),
                false => headers.push((name.to_string(), value.to_string())),
            }
        }
        let outgoing = Outgoing {
            lane: self.lane,
            base_url: &base_url,
            method: parts.method.as_str(),
            target,
            headers,
            body,
            secret,
            hidden: vec![self.secret.clone()],
            limits: Limits::TOKEN,
        };
        read(self.app.egress.send(outgoing).await)
    }
}

fn read(sent: Sent) -> Result<HttpResponse, NoAnswer> {
    let answered = match sent {
        Sent::Answered(answered) => answered,
        Sent::Lost(why) => return Err(NoAnswer(why)),
        Sent::NotSent { detail, .. } | Sent::Held(detail) => return Err(NoAnswer(detail)),
    };
    let mut response = http::Response::builder().status(answered.status);
    for (name, value) in answered.headers {
        response = response.header(name, value);
    }
    let unreadable = |_| NoAnswer("the answer has headers that are none".to_owned());
    response.body(answered.body).map_err(unreadable)
}
