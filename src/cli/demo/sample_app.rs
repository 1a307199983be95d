//! The sample app: a page that shows what an app behind the gate gets. It knows its users only from the headers of their requests.

use askama::Template;
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

/// The name of each identity header, and what it says.
const HEADERS: [(&str, &str); 5] = [
    ("Remote-User", "Who you are. With default settings, it is your confirmed email address."),
    ("Remote-Id", "The ID of your account, which never changes."),
    ("Remote-Email", "Your confirmed email address."),
    ("Remote-Name", "Your name."),
    ("Remote-Groups", "Your roles, separated by commas."),
];

#[derive(Template)]
#[template(path = "demo/app.html")]
struct SampleApp<'a> {
    name: String,
    headers: Vec<Header<'a>>,
    method: &'a str,
    address: &'a str,
    account: &'a str,
    sign_out: &'a str,
}

/// An identity header as the app gets it.
struct Header<'a> {
    name: &'static str,
    value: &'a str,
    meaning: &'static str,
}

/// The pages of authflow that the app links to.
pub struct Links {
    pub account: String,
    pub sign_out: String,
}

/// The page for a request with these headers.
pub fn page(
    method: &Method,
    address: &str,
    headers: &HeaderMap,
    links: &Links,
) -> askama::Result<String> {
    let value = |name| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let page = SampleApp {
        name: percent_decode_str(value("Remote-Name")).decode_utf8_lossy().into_owned(),
        headers: HEADERS.map(|(name, meaning)| Header { name, value: value(name), meaning }).into(),
        method: method.as_str(),
        address,
        account: &links.account,
        sign_out: &links.sign_out,
    };
    page.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::gate::identity;

    fn shown(headers: &[(&'static str, &str)]) -> String {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let links = Links { account: String::new(), sign_out: String::new() };
        page(&Method::GET, "/<b>?x", &headers.collect(), &links).unwrap()
    }

    #[test]
    fn the_app_shows_every_identity_header() {
        assert_eq!(HEADERS.map(|(name, _)| name.to_lowercase()), identity::HEADERS);
    }

    #[test]
    fn nothing_in_a_request_becomes_markup() {
        let html = shown(&[("remote-name", "<i>Jos%C3%A9%3Cscript%3E"), ("remote-user", "\"<i>")]);
        assert!(html.contains("José") && html.contains("GET /"), "{html}");
        assert!(!html.contains("<i>") && !html.contains("<script") && !html.contains("<b>"));
    }
}
