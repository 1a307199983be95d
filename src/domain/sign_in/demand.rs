//! What sensitive actions demand, and which credentials satisfy it: the one table of both.

use crate::domain::addresses::{self, Address, AddressTemplate};
use crate::domain::id::UserId;
use crate::domain::sign_in::proof::{Credential, Shown};
use crate::domain::sign_in::session::Session;

/// The credentials that an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HeldCredentials {
    /// A password.
    pub password: bool,
    /// An authenticator app, and recovery codes with it.
    pub second_factor: bool,
}

/// What an action demands of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Credentials at the account's full strength, shown in this browser in the last
    /// [`PROOF_LASTS`](crate::domain::sign_in::proof::PROOF_LASTS).
    Proof,
    /// The same, and the form of the action asks for the password again, if the account has one.
    Password,
    /// The same, and the form of the action asks for the second factor again, if the account has one. Otherwise a browser that was left open
    /// after a sign-in could remove it.
    SecondFactor,
    /// The same, and the form of the action asks for both again.
    Both,
    /// An emailed link stands for the first factor. The form asks for the second one, because access to the mailbox must not replace it
    /// (ASVS 6.4.3).
    Link,
}

/// The credentials that an action still has to ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The first factor: the password or, for an account without one, an emailed code.
    pub first: Option<Credential>,
    /// Whether a second factor is missing.
    pub second_factor: bool,
}

impl Missing {
    /// Whether the password is missing.
    #[must_use]
    pub fn password(self) -> bool {
        self.first == Some(Credential::Password)
    }

    /// Whether an emailed code is missing.
    #[must_use]
    pub fn emailed_code(self) -> bool {
        self.first == Some(Credential::EmailedCode)
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Demand {
    /// What an account that has `held` still has to show. `recent`: what was shown lately in this browser and session. `in_form`: what the
    /// form of the action itself contains.
    #[must_use]
    pub fn missing(self, held: HeldCredentials, recent: Shown, in_form: Shown) -> Missing {
        let shown = match self {
            Self::Proof => recent.and(in_form),
            Self::Password => recent.without_password().and(in_form),
            Self::SecondFactor => recent.without_second_factor().and(in_form),
            Self::Both => recent.without_password().without_second_factor().and(in_form),
            Self::Link => in_form,
        };
        let first = if held.password { Credential::Password } else { Credential::EmailedCode };
        Missing {
            first: Some(first).filter(|first| self != Self::Link && !shown.has(*first)),
            second_factor: held.second_factor && !shown.has_second_factor(),
        }
    }
}

/// A session whose user has just proved who they are. Only [`Proven::new`] makes one, so a service that takes it cannot be called without
/// the proof.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a>(&'a Session);

impl<'a> Proven<'a> {
    /// The session, if what was shown recently satisfies [`Demand::Proof`].
    pub fn new(
        session: &'a Session,
        held: HeldCredentials,
        recent: Shown,
    ) -> Result<Self, Missing> {
        let missing = Demand::Proof.missing(held, recent, Shown::default());
        if missing.is_nothing() { Ok(Self(session)) } else { Err(missing) }
    }

    /// The session.
    #[must_use]
    pub fn session(self) -> &'a Session {
        self.0
    }

    /// The owner of the session.
    #[must_use]
    pub fn user(self) -> UserId {
        self.0.user_id
    }
}

/// Which requests to a route are sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensitiveRequest {
    /// Opening the page, because it shows a secret or personal data.
    Open,
    /// Sending its form, or calling it over the API.
    Send,
}

const fn page(address: Address) -> &'static str {
    address.route()
}

const fn of(template: AddressTemplate) -> &'static str {
    template.route()
}

/// Every sensitive request and what it demands.
pub const SENSITIVE: [(SensitiveRequest, &str, Demand); 32] = {
    use Demand::{Both, Link, Password, Proof, SecondFactor};
    use SensitiveRequest::{Open, Send};
    [
        (Send, of(addresses::RESET_PASSWORD), Link),
        (Send, "/api/auth/reset-password", Link),
        (Send, page(addresses::PROFILE_EMAIL), Proof),
        (Send, page(addresses::PROFILE_PASSWORD), Password),
        (Open, page(addresses::PROFILE_TWO_FACTOR), Proof), // while it is off: the page shows the new key
        (Send, page(addresses::PROFILE_TWO_FACTOR), Proof),
        (Send, page(addresses::PROFILE_TWO_FACTOR_DISABLE), SecondFactor),
        (Open, page(addresses::PROFILE_RECOVERY_CODES), Proof),
        (Send, page(addresses::PROFILE_RECOVERY_CODES), SecondFactor),
        (Open, page(addresses::PROFILE_EXPORT), Proof),
        (Send, page(addresses::PROFILE_DELETE), Both),
        (Open, page(addresses::USERS_INVITE), Proof),
        (Send, page(addresses::USERS_INVITE), Proof),
        (Open, of(addresses::INVITATION_DETAILS), Proof),
        (Send, of(addresses::INVITATION_REVOKE), Proof),
        (Send, of(addresses::USER_APPROVE), Proof),
        (Open, of(addresses::USER_REJECT), Proof),
        (Send, of(addresses::USER_REJECT), Proof),
        (Send, of(addresses::USER_DISABLE), Proof),
        (Send, of(addresses::USER_ENABLE), Proof),
        (Send, of(addresses::USER_ROLES), Proof),
        (Send, of(addresses::USER_HANDLE), Proof),
        (Send, of(addresses::USER_REVOKE_SESSIONS), Proof),
        (Send, of(addresses::USER_SEND_RESET), Proof),
        (Send, of(addresses::USER_RESEND_CONFIRMATION), Proof),
        (Send, of(addresses::USER_VERIFY_EMAIL), Proof),
        (Open, of(addresses::USER_REMOVE_SECOND_FACTOR), Proof),
        (Send, of(addresses::USER_REMOVE_SECOND_FACTOR), Proof),
        (Open, of(addresses::USER_DELETE), Proof),
        (Send, of(addresses::USER_DELETE), Proof),
        (Send, page(addresses::EMAILS_RETRY), Proof),
        (Open, of(addresses::AUDIT_EXPORT), Proof),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;
    use Credential::{AppCode, EmailedCode, Password, RecoveryCode};

    /// Every set of credentials.
    fn every_set() -> impl Iterator<Item = Shown> {
        (0..1 << Credential::ALL.len()).map(|bits: usize| {
            let chosen = Credential::ALL.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            Shown::of(&chosen.map(|(_, credential)| *credential).collect::<Vec<_>>())
        })
    }

    fn held(password: bool, second_factor: bool) -> HeldCredentials {
        HeldCredentials { password, second_factor }
    }

    /// The smallest sets of credentials that satisfy a demand. An account without a password is asked for an emailed code.
    const ENOUGH: [(HeldCredentials, &[&[Credential]]); 4] = [
        (HeldCredentials { password: true, second_factor: false }, &[&[Password]]),
        (
            HeldCredentials { password: true, second_factor: true },
            &[&[Password, AppCode], &[Password, RecoveryCode]],
        ),
        (HeldCredentials { password: false, second_factor: false }, &[&[EmailedCode]]),
        (
            HeldCredentials { password: false, second_factor: true },
            &[&[EmailedCode, AppCode], &[EmailedCode, RecoveryCode]],
        ),
    ];

    fn contains(shown: Shown, needed: &[Credential]) -> bool {
        needed.iter().all(|credential| shown.has(*credential))
    }

    #[test]
    fn a_recent_proof_has_the_full_strength_of_the_account() {
        for (held, enough) in ENOUGH {
            for recent in every_set() {
                for in_form in every_set() {
                    let all = recent.and(in_form);
                    let missing = Demand::Proof.missing(held, recent, in_form);
                    let is_enough = enough.iter().any(|needed| contains(all, needed));
                    assert_eq!(missing.is_nothing(), is_enough, "{held:?} {recent:?} {in_form:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_asked_for_again_was_not_shown_before() {
        let codes = [AppCode, RecoveryCode];
        for (demand, again) in [
            (Demand::Password, &[Password][..]),
            (Demand::SecondFactor, &codes),
            (Demand::Both, &[Password, AppCode, RecoveryCode]),
        ] {
            for (held, enough) in ENOUGH {
                for recent in every_set() {
                    for in_form in every_set() {
                        let counts = |it: &Credential| {
                            in_form.has(*it) || (recent.has(*it) && !again.contains(it))
                        };
                        let counted: Vec<_> = Credential::ALL.into_iter().filter(counts).collect();
                        let missing = demand.missing(held, recent, in_form);
                        let is_enough =
                            enough.iter().any(|needed| contains(Shown::of(&counted), needed));
                        assert_eq!(
                            missing.is_nothing(),
                            is_enough,
                            "{demand:?} {held:?} {recent:?} {in_form:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_link_replaces_the_first_factor_and_never_the_second() {
        for has_password in [false, true] {
            for recent in every_set() {
                for in_form in every_set() {
                    let missing =
                        |second| Demand::Link.missing(held(has_password, second), recent, in_form);
                    assert!(missing(false).is_nothing());
                    let has_code = in_form.has(AppCode) || in_form.has(RecoveryCode);
                    assert_eq!(missing(true).is_nothing(), has_code, "{recent:?} {in_form:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let none = Shown::default();
        for (held, first, second_factor) in [
            (held(true, false), Some(Password), false),
            (held(true, true), Some(Password), true),
            (held(false, false), Some(EmailedCode), false),
            (held(false, true), Some(EmailedCode), true),
        ] {
            let missing = Missing { first, second_factor };
            assert_eq!(Demand::Proof.missing(held, none, none), missing);
            for demand in [Demand::Password, Demand::SecondFactor, Demand::Both] {
                assert_eq!(demand.missing(held, none, none), missing);
            }
        }
    }

    #[test]
    fn each_request_is_listed_once() {
        for (at, (request, route, _)) in SENSITIVE.iter().enumerate() {
            assert!(
                !SENSITIVE[..at].iter().any(|(other, same, _)| (other, same) == (request, route)),
                "{route}"
            );
        }
    }
}
