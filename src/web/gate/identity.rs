//! The identity headers, which tell an app who its user is.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::config::RemoteUser;
use crate::domain::sign_in::session::Session;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// The identity headers. Every 200 has all of them, even empty ones, so that the proxy overwrites those of the client.
pub const HEADERS: [&str; 5] =
    ["remote-user", "remote-id", "remote-email", "remote-name", "remote-groups"];

/// The header with the access token, if the rule requires one.
pub const TOKEN: &str = "remote-token";

/// What is not printable ASCII is percent-encoded as UTF-8. So is `%`, which makes the encoding reversible.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%');
/// Commas separate groups.
const UNSAFE_IN_GROUP: &AsciiSet = &UNSAFE.add(b',');

/// Adds the identity headers. An unconfirmed email address is left out, because it may belong to someone else.
pub fn add(
    headers: &mut HeaderMap,
    session: &Session,
    user: RemoteUser,
    token: Option<&Secret<String>>,
) -> Result<()> {
    let email = if session.email_verified_at.is_some() { session.email.as_str() } else { "" };
    let name = session.username.as_str();
    let id = session.user_id.to_string();
    let groups: Vec<String> = session
        .roles()
        .map(|role| utf8_percent_encode(role, UNSAFE_IN_GROUP).to_string())
        .collect();
    let user = match user {
        RemoteUser::Email => email,
        RemoteUser::Handle => session.handle.as_ref().ok_or(Error::HandleMissing)?.as_str(),
        RemoteUser::Id => &id,
    };
    let values = [plain(user), plain(&id), plain(email), plain(name), groups.join(",")];
    for (header, value) in HEADERS.into_iter().zip(values) {
        put(headers, header, &value);
    }
    if let Some(token) = token {
        put(headers, TOKEN, token.reveal());
    }
    Ok(())
}

/// Adds empty identity headers, for a request that needs no sign-in.
pub fn add_none(headers: &mut HeaderMap) {
    for header in HEADERS {
        put(headers, header, "");
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("printable ASCII");
    headers.insert(HeaderName::from_static(name), value);
}

fn plain(text: &str) -> String {
    utf8_percent_encode(text, UNSAFE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    #[test]
    fn printable_ascii_is_readable_and_the_rest_is_encoded() {
        for (text, sent) in [
            ("ada@example.org", "ada@example.org"),
            ("Ada Lovelace", "Ada Lovelace"),
            ("José", "Jos%C3%A9"),
            ("100%", "100%25"),
            ("a\r\nRemote-Groups: admin", "a%0D%0ARemote-Groups: admin"),
            ("\u{7f}", "%7F"),
        ] {
            assert_eq!(plain(text), sent);
        }
    }

    proptest! {
        #[test]
        fn decoding_returns_the_original_text(text in any::<String>()) {
            let sent = plain(&text);
            prop_assert!(sent.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert!(HeaderValue::from_str(&sent).is_ok());
            prop_assert_eq!(percent_decode_str(&sent).decode_utf8().unwrap(), text);
        }
    }
}
