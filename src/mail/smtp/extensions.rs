//! What a mail server offers in its reply to EHLO.

use super::server_reply::Reply;

/// The offers that authflow uses. Everything else is optional for the client: addresses and messages are ASCII.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// RFC 3207
    pub starttls: bool,
    /// A way to sign in (RFC 4954).
    pub sign_in: Option<Mechanism>,
}

/// A way to send the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4616
    Plain,
    /// Has no RFC; the only one of some servers.
    Login,
}

impl Extensions {
    /// Keywords and mechanisms are case-insensitive. Some servers write `AUTH=`, as before RFC 2554.
    pub fn of(reply: &Reply) -> Self {
        let mut found = Self::default();
        for line in &reply.lines {
            let line = line.to_ascii_uppercase();
            let mut words = line.split(|c: char| c.is_whitespace() || c == '=');
            match words.next() {
                Some("STARTTLS") => found.starttls = true,
                Some("AUTH") => {
                    for word in words {
                        match word {
                            "PLAIN" => found.sign_in = Some(Mechanism::Plain),
                            "LOGIN" => found.sign_in = found.sign_in.or(Some(Mechanism::Login)),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_in_any_case_and_form() {
        use Mechanism::{Login, Plain};
        for (lines, starttls, sign_in) in [
            (vec!["mail.example.org"], false, None),
            (vec![""], false, None),
            (vec!["x", "STARTTLS", "AUTH PLAIN LOGIN"], true, Some(Plain)),
            (vec!["x", "starttls", "auth login plain"], true, Some(Plain)),
            (vec!["x", "StartTLS ", "Auth Login"], true, Some(Login)),
            (vec!["x", "AUTH=LOGIN"], false, Some(Login)),
            (vec!["x", "auth=login plain"], false, Some(Plain)),
            (vec!["x", "AUTH LOGIN", "AUTH=LOGIN PLAIN"], false, Some(Plain)),
            (vec!["x", "AUTH PLAIN", "AUTH=LOGIN"], false, Some(Plain)),
            (vec!["x", "AUTH\tCRAM-MD5  LOGIN"], false, Some(Login)),
            (vec!["x", "AUTH CRAM-MD5 XOAUTH2"], false, None),
            (vec!["x", "AUTHENTICATE PLAIN", "STARTTLSX"], false, None),
        ] {
            let lines: Vec<String> = lines.into_iter().map(ToOwned::to_owned).collect();
            let found = Extensions::of(&Reply { code: 250, lines: lines.clone() });
            assert_eq!(found, Extensions { starttls, sign_in }, "{lines:?}");
        }
    }
}
