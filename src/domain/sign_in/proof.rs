//! Proofs: which credentials a user showed in which session and browser, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::domain::sign_in::amr::{Amr, Method};
use crate::domain::stored::Stored;

/// How long a credential that was shown counts for sensitive actions.
pub const PROOF_LASTS: Duration = Duration::from_mins(15);

/// A credential that a user can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Credential {
    /// The account's password.
    Password = 1,
    /// A code that was emailed to the account's address.
    EmailedCode = 2,
    /// A code of the account's authenticator app.
    AppCode = 4,
    /// A recovery code of the account.
    RecoveryCode = 8,
}

impl Credential {
    /// Every credential.
    pub const ALL: [Self; 4] =
        [Self::Password, Self::EmailedCode, Self::AppCode, Self::RecoveryCode];

    /// Whether it is a second factor, which is asked for in addition to one of the others.
    #[must_use]
    pub fn is_second_factor(self) -> bool {
        matches!(self, Self::AppCode | Self::RecoveryCode)
    }

    /// Its method in `amr`. A session does not begin with an emailed code, which RFC 8176 has no name for.
    fn method(self) -> Option<Method> {
        match self {
            Self::Password => Some(Method::Pwd),
            Self::EmailedCode => None,
            Self::AppCode | Self::RecoveryCode => Some(Method::Otp),
        }
    }
}

/// A set of credentials that a user has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown(u8);

impl Shown {
    /// These credentials.
    #[must_use]
    pub fn of(credentials: &[Credential]) -> Self {
        Self(credentials.iter().fold(0, |set, credential| set | *credential as u8))
    }

    /// All of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set without the password.
    #[must_use]
    pub fn without_password(self) -> Self {
        self.only(|credential| credential != Credential::Password)
    }

    /// The set without second factors.
    #[must_use]
    pub fn without_second_factor(self) -> Self {
        self.only(|credential| !credential.is_second_factor())
    }

    fn only(self, keep: impl Fn(Credential) -> bool) -> Self {
        Self::of(&self.credentials().filter(|credential| keep(*credential)).collect::<Vec<_>>())
    }

    /// Whether the credential was shown.
    #[must_use]
    pub fn has(self, credential: Credential) -> bool {
        self.0 & credential as u8 != 0
    }

    /// Whether nothing was shown.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether a second factor was shown.
    #[must_use]
    pub fn has_second_factor(self) -> bool {
        self.credentials().any(Credential::is_second_factor)
    }

    /// The credentials of the set.
    pub fn credentials(self) -> impl Iterator<Item = Credential> {
        Credential::ALL.into_iter().filter(move |credential| self.has(*credential))
    }

    /// The methods of a session that has `amr`, after these credentials were shown in it.
    #[must_use]
    pub fn added_to(self, amr: Amr) -> Amr {
        let methods: Vec<Method> = self.credentials().filter_map(Credential::method).collect();
        let amr = amr.with(&methods);
        if self.has_second_factor() { amr.with(&[Method::Mfa]) } else { amr }
    }
}

/// What a user has shown in one session. It is stored in the state of the browser in which they did, never with the session: a copied refresh
/// token is no proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The session.
    pub session: SessionId,
    /// The latest time at which a credential was shown, `authenticated_at` of the session.
    pub at: Timestamp,
    /// Each credential and when it was last shown.
    #[serde(default)]
    shown: Vec<(Stored<Credential>, Timestamp)>,
}

impl Proof {
    /// The proof of a session in which these credentials were shown at `at`.
    #[must_use]
    pub fn new(session: SessionId, shown: Shown, at: Timestamp) -> Self {
        Self { session, at, shown: Vec::new() }.with(shown, at)
    }

    /// The proof after these credentials were shown at `at`.
    #[must_use]
    pub fn with(mut self, shown: Shown, at: Timestamp) -> Self {
        self.shown.retain(|(stored, _)| stored.known().is_none_or(|it| !shown.has(it)));
        self.shown.extend(shown.credentials().map(|credential| (credential.into(), at)));
        self.at = at;
        self
    }

    /// The credentials that were shown in the last [`PROOF_LASTS`].
    #[must_use]
    pub fn recent(&self, now: Timestamp) -> Shown {
        let recent = self.shown.iter().filter(|(_, at)| at.is_within(PROOF_LASTS, now));
        Shown::of(&recent.filter_map(|(credential, _)| credential.known()).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Credential::{AppCode, EmailedCode, Password, RecoveryCode};

    #[test]
    fn a_credential_of_a_later_version_is_kept_and_proves_nothing_here() {
        let start = Timestamp(1_000_000);
        let mut stored = serde_json::json!({"session": SessionId::new(start), "at": start});
        stored["shown"] = serde_json::json!([["password", start], ["passkey", start]]);
        let proof: Proof = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(proof.recent(start), Shown::of(&[Password]));
        assert_eq!(serde_json::to_value(&proof).unwrap(), stored);
        let kept = serde_json::to_value(proof.with(Shown::of(&[AppCode]), start)).unwrap();
        assert_eq!(kept["shown"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn each_credential_counts_for_15_minutes() {
        let start = Timestamp(1_000_000);
        let after = |minutes| start.after(Duration::from_mins(minutes));
        let proof = Proof::new(SessionId::new(start), Shown::of(&[Password]), start);
        let proof = proof.with(Shown::of(&[AppCode]), after(10));
        assert_eq!(proof.at, after(10));
        let both = Shown::of(&[Password, AppCode]);
        let second_before = Timestamp(after(15).0 - 1);
        for (now, recent) in [
            (after(10), both),
            (second_before, both),
            (after(15), Shown::of(&[AppCode])), // the code does not prolong the password
            (after(25), Shown::default()),
            (start.before(Duration::from_hours(1)), Shown::default()), // the clock was set back
        ] {
            assert_eq!(proof.recent(now), recent, "{now}");
        }
        let again = proof.with(Shown::of(&[Password]), after(20));
        assert_eq!(again.recent(after(24)), both);
    }

    #[test]
    fn a_second_factor_makes_the_methods_of_a_session_mfa() {
        for (before, shown, after) in [
            ("", &[Password][..], "pwd"),
            ("pwd", &[EmailedCode], "pwd"),
            ("", &[EmailedCode], ""),
            ("pwd", &[AppCode], "pwd otp mfa"),
            ("pwd", &[RecoveryCode], "pwd otp mfa"),
            ("", &[Password, AppCode], "pwd otp mfa"),
            ("pwd otp mfa", &[Password], "pwd otp mfa"),
        ] {
            let amr = Shown::of(shown).added_to(Amr::from(before.to_owned()));
            assert_eq!(amr.to_string(), after);
        }
    }

    #[test]
    fn a_proof_from_before_credentials_were_noted_shows_none() {
        let session = SessionId::new(Timestamp(7));
        let stored = format!(r#"{{"session":"{session}","at":1000000}}"#);
        let proof: Proof = serde_json::from_str(&stored).unwrap();
        assert_eq!(proof.recent(Timestamp(1_000_000)), Shown::default());
    }
}
