//! Submissions: forms that a browser sent. A form that is sent twice ends like a form that was sent once.
//!
//! Every form of a page has a random ID in a hidden field. The same browser, form ID, address and fields are the same submission: an
//! impatient second click, or another attempt after the first response was lost. A form that the visitor changed is another submission, and
//! replaces the one before.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::secret::{self, MacKey};

/// The name of the hidden field.
pub const FORM_ID: &str = "form";
/// How long a repeat is recognised.
pub const LASTS: Duration = Duration::from_mins(10);

/// Bytes of a form's ID.
const ID: usize = 16;

/// Makes the ID of a form on a page.
#[must_use]
pub fn new_form_id() -> String {
    secret::encode(&secret::random::<ID>())
}

/// Identifies a submission. It does not reveal the fields, which may contain a password: the tags cover the browser's secret and the form's
/// ID, and neither is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubmissionKey {
    form: [u8; 32],
    fields: [u8; 32],
}

impl SubmissionKey {
    /// Computes the key. `browser` is the secret in the cookie that the CSRF token depends on. `None` if the form has no ID.
    #[must_use]
    pub fn compute(
        mac: &MacKey,
        browser: &str,
        path: &str,
        fields: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let id = secret::decode(fields.get(FORM_ID)?).filter(|id| id.len() == ID)?;
        let form = [browser.as_bytes(), path.as_bytes(), &id];
        let fields = fields.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        let fields = mac.tag_of_parts(form.into_iter().chain(fields));
        Some(Self { form: mac.tag_of_parts(form), fields })
    }

    /// The part that covers browser, address and form ID, to store.
    #[must_use]
    pub fn form(self) -> Vec<u8> {
        self.form.to_vec()
    }

    /// The part that also covers the fields, to store.
    #[must_use]
    pub fn fields(self) -> Vec<u8> {
        self.fields.to_vec()
    }
}

/// An accepted submission.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Submission {
    /// The request that was accepted.
    pub request_id: String,
    /// When.
    pub accepted_at: Timestamp,
    /// Where its response led: a URL, or a path with the path of `PUBLIC_URL`. `None` while the request is being answered.
    pub location: Option<String>,
    /// The browser's session when it sent the form.
    pub session_before: Option<SessionId>,
    /// The browser's session after the response.
    pub session_after: Option<SessionId>,
    /// Whether the response set or deleted the session's cookie.
    pub sets_session: bool,
    /// The ID of the browser state whose cookie the response set.
    pub state_id: Option<Vec<u8>>,
    /// The content of the device cookie that the response set.
    pub device: Option<Vec<u8>>,
}

impl Submission {
    /// Whether the same form, sent now by a browser with `session`, is a repeat. It is not if the browser has signed in or out since.
    #[must_use]
    pub fn is_repeated_by(&self, session: Option<SessionId>, now: Timestamp) -> bool {
        let age = now.since(self.accepted_at).max(self.accepted_at.since(now));
        let is_same_browser = session == self.session_before || session == self.session_after;
        age < LASTS && (is_same_browser || self.location.is_none())
    }

    /// Whether its response started a session.
    #[must_use]
    pub fn has_signed_in(&self) -> bool {
        self.sets_session
            && self.session_after.is_some()
            && self.session_after != self.session_before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;

    fn key(browser: &str, path: &str, fields: &[(&str, &str)]) -> Option<SubmissionKey> {
        let mac = MasterKey::new(vec![1; 32]).mac_key(&[], "submission");
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        SubmissionKey::compute(&mac, browser, path, &fields.collect())
    }

    #[test]
    fn only_the_same_form_of_the_same_browser_with_the_same_fields_is_the_same_submission() {
        let (id, other_id) = (new_form_id(), new_form_id());
        assert_ne!(id, other_id);
        let form = |id| key("browser", "/auth/login", &[("form", id), ("email", "a")]);
        let first = form(&id).unwrap();
        assert_eq!(form(&id), Some(first));
        for other in [
            form(&other_id),
            key("other", "/auth/login", &[("form", &id), ("email", "a")]),
            key("browser", "/auth/register", &[("form", &id), ("email", "a")]),
            key("browser", "/auth/login", &[("form", &id), ("email", "b")]),
            key("browser", "/auth/login", &[("form", &id), ("email", "a"), ("remember", "on")]),
            key("browser", "/auth/login", &[("form", &id), ("emai", "la")]),
        ] {
            assert_ne!(other.unwrap(), first);
        }
    }

    #[test]
    fn a_form_without_an_id_of_ours_is_never_a_repeat() {
        for id in ["", "x", "AAAA", &secret::encode(&[0; 15]), &secret::encode(&[0; 17])] {
            assert_eq!(key("browser", "/", &[("form", id)]), None, "{id}");
        }
        assert_eq!(key("browser", "/", &[("email", "a")]), None);
    }

    #[test]
    fn a_repeat_comes_within_ten_minutes_from_a_browser_in_the_same_session() {
        let [before, after, other] = [1, 2, 3].map(|at| Some(SessionId::new(Timestamp(at))));
        let accepted = |session_before, session_after| Submission {
            request_id: String::new(),
            accepted_at: Timestamp(10_000),
            location: Some("/".to_owned()),
            session_before,
            session_after,
            sets_session: session_after != session_before,
            state_id: None,
            device: None,
        };
        let sign_in = accepted(None, after);
        for (session, now, repeated) in [
            (None, 10_000, true),
            (after, 10_000, true),
            (None, 10_599, true),
            (None, 10_600, false),
            (None, 9_401, true),
            (None, 9_400, false), // the clock was set back
            (other, 10_001, false),
        ] {
            assert_eq!(
                sign_in.is_repeated_by(session, Timestamp(now)),
                repeated,
                "{session:?} {now}"
            );
        }
        let sign_out = accepted(before, None);
        assert!(sign_out.is_repeated_by(before, Timestamp(10_001)));
        assert!(sign_out.is_repeated_by(None, Timestamp(10_001)));
        assert!(!sign_out.is_repeated_by(other, Timestamp(10_001)), "signed in again");
        let unanswered = Submission { location: None, ..accepted(before, before) };
        assert!(
            unanswered.is_repeated_by(other, Timestamp(10_001)),
            "the session is not known yet"
        );
        assert!(sign_in.has_signed_in());
        assert!(!sign_out.has_signed_in() && !accepted(before, before).has_signed_in());
    }
}
