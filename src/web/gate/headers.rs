//! The headers that proxies set for the gate, parsed strictly.

use std::borrow::Cow;

use axum::http::header::UPGRADE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, percent_encode};

use crate::web::gate::identity;
use crate::web::gate::proxy::Proxy;
use crate::web::gate::unanswerable::Unanswerable;

pub(super) const URL: &str = "x-original-url";
pub(super) const ORIGINAL_METHOD: &str = "x-original-method";
pub(super) const METHOD: &str = "x-forwarded-method";
pub(super) const PROTO: &str = "x-forwarded-proto";
pub(super) const HOST: &str = "x-forwarded-host";
pub(super) const URI: &str = "x-forwarded-uri";
pub(super) const FOR: &str = "x-forwarded-for";

/// The scheme and host that the browser requested, as `scheme://host`, from the headers of Caddy and Traefik.
pub(super) fn forwarded(headers: &HeaderMap) -> Result<String, Unanswerable> {
    let (proto, host) =
        (word(headers, PROTO, Proxy::Forward)?, word(headers, HOST, Proxy::Forward)?);
    if !matches!(&*proto, "http" | "https" | "ws" | "wss") {
        return Err(Unanswerable::Contradictory(PROTO.into()));
    }
    if host.contains(['/', '\\', '?', '#', '@']) {
        return Err(Unanswerable::Contradictory(HOST.into()));
    }
    Ok(format!("{proto}://{host}"))
}

/// The only value of a header with an address. Bytes that are not ASCII are percent-encoded, so that none is lost.
pub(super) fn address(
    headers: &HeaderMap,
    name: &'static str,
    proxy: Proxy,
) -> Result<String, Unanswerable> {
    let mut values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let value = values.next().filter(|value| !value.is_empty());
    let value = value.ok_or(Unanswerable::Missing(name, proxy))?;
    if values.next().is_some() || value.iter().any(u8::is_ascii_control) {
        return Err(Unanswerable::Contradictory(name.into()));
    }
    Ok(ascii(value))
}

/// Percent-encodes bytes that are not ASCII.
pub(super) fn ascii(value: &[u8]) -> String {
    percent_encode(value, &AsciiSet::EMPTY).to_string()
}

/// The only value of a header, which must not contain a comma or space.
pub(super) fn word<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
    proxy: Proxy,
) -> Result<Cow<'a, str>, Unanswerable> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|value| !value.is_empty());
    let value = value.ok_or(Unanswerable::Missing(name, proxy))?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let is_word = !text.contains(|c: char| c.is_control() || c == ',' || c == ' ');
    if values.next().is_some() || !is_word {
        return Err(Unanswerable::Contradictory(name.into()));
    }
    Ok(text)
}

/// Allows only upgrades to WebSocket. After an upgrade to HTTP/2, the proxy would not ask the gate about the following requests.
pub(super) fn refuse_other_protocols(headers: &HeaderMap) -> Result<(), Unanswerable> {
    let mut upgrades = headers.get_all(UPGRADE).iter();
    if upgrades.all(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return Ok(());
    }
    Err(Unanswerable::Contradictory(UPGRADE.to_string()))
}

/// Refuses headers such as `Remote_User`. Many apps confuse it with `Remote-User` (RFC 3875, section 4.1.18), but a proxy that removes
/// one of them does not remove the other.
pub(super) fn refuse_look_alikes(headers: &HeaderMap) -> Result<(), Unanswerable> {
    let read = [URL, ORIGINAL_METHOD, METHOD, PROTO, HOST, URI, FOR, identity::TOKEN];
    let is_ours = |name: &str| read.contains(&name) || identity::HEADERS.contains(&name);
    let look_alike = headers.keys().map(HeaderName::as_str).find(|name| {
        !is_ours(name) && is_ours(&name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"))
    });
    look_alike.map_or(Ok(()), |name| Err(Unanswerable::Contradictory(name.to_owned())))
}
