//! The secret in a mailed link.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailKey;
use crate::domain::addresses::{self, AddressTemplate};
use crate::domain::id::{InvitationId, MailId, UserId};
use crate::secret::{self, MacKey, Secret};

/// How long the link that confirms a sign-up works.
pub const VERIFY_EMAIL_TTL: Duration = Duration::from_hours(24);

/// How long a link lives that is handed over by a person: they may have to find each other.
pub const HANDED_RESET_TTL: Duration = Duration::from_hours(24);

/// How long the link that confirms a change of address works (within it, the person is still at it).
pub const CONFIRM_EMAIL_TTL: Duration = Duration::from_hours(1);

/// How long 'this was not me' works: longer than anything that it undoes.
pub const NOT_ME_TTL: Duration = Duration::from_hours(7 * 24);

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Purpose {
    /// Confirm the address of a sign-up.
    VerifyEmail,
    /// Set a new password, with a link that was mailed to the address.
    ResetPassword,
    /// The same with a link that a person hands over: it says nothing of who reads the address's mail.
    HandedReset,
    /// Confirm the new address of an account.
    ConfirmEmail,
    /// Say 'this was not me': closes the account to everybody until its owner has set a new password, and opens nothing.
    NotMe,
}

impl Purpose {
    /// The page behind the link.
    #[must_use]
    pub fn page(self) -> AddressTemplate {
        match self {
            Self::VerifyEmail => addresses::VERIFY_EMAIL,
            Self::ResetPassword | Self::HandedReset => addresses::RESET_PASSWORD,
            Self::ConfirmEmail => addresses::CONFIRM_EMAIL,
            Self::NotMe => addresses::NOT_ME,
        }
    }
}

/// 256 bits that open one thing once. Computed from the mail's id, so it is nowhere at rest; only its hash is stored.
#[derive(Clone, Debug)]
pub struct OneTimeToken(Secret<[u8; 32]>);

impl OneTimeToken {
    /// The token of a mail: the same each time it is drawn.
    #[must_use]
    pub fn of_mail(key: &MacKey, mail: MailId) -> Self {
        Self(Secret::new(key.tag(mail.0.as_bytes())))
    }

    /// The token of an invitation: whoever may see the invitation may see its link again.
    #[must_use]
    pub fn of_invitation(key: &MacKey, invitation: InvitationId) -> Self {
        Self(Secret::new(key.tag(invitation.0.as_bytes())))
    }

    /// Reads a token from a link; `None` if the text cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        let bytes = secret::decode(text)?.try_into().ok()?;
        Some(Self(Secret::new(bytes)))
    }

    /// The text for the link.
    #[must_use]
    pub fn reveal(&self) -> String {
        secret::encode(self.0.reveal())
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        secret::sha256(self.0.reveal()).to_vec()
    }
}

/// A stored token: still good, for this user, sent to this address.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Grant {
    /// Whom it was sent to.
    pub user_id: UserId,
    /// Where it was sent to. A link that opens something is worth nothing once the account has another address.
    pub email_key: EmailKey,
    /// When it stops working.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;

    #[test]
    fn a_token_survives_the_link_and_differs_by_mail_and_key() {
        let key = MasterKey::new(vec![1; 32]).mac_key(&[], "one-time token");
        let (mail, other) = (MailId::new(Timestamp(1)), MailId::new(Timestamp(1)));
        let token = OneTimeToken::of_mail(&key, mail);
        assert_eq!(OneTimeToken::parse(&token.reveal()).unwrap().hash(), token.hash());
        assert_eq!(OneTimeToken::of_mail(&key, mail).hash(), token.hash());
        assert_ne!(OneTimeToken::of_mail(&key, other).hash(), token.hash());
        let another_key = MasterKey::new(vec![2; 32]).mac_key(&[], "one-time token");
        assert_ne!(OneTimeToken::of_mail(&another_key, mail).hash(), token.hash());
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for text in
            ["", "abc", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43), &"A".repeat(100_000)]
        {
            assert!(OneTimeToken::parse(text).is_none());
        }
    }
}
