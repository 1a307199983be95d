//! The secret in a link that is sent by email or handed over.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailKey;
use crate::domain::addresses::{self, AddressTemplate};
use crate::domain::id::{InvitationId, MailId, UserId};
use crate::secret::{self, MacKey, Secret};

/// How long the link that confirms the address of a sign-up works.
pub const VERIFY_EMAIL_TTL: Duration = Duration::from_hours(24);

/// How long a reset link works that an administrator hands over: the two may not meet at once.
pub const HANDED_RESET_TTL: Duration = Duration::from_hours(24);

/// How long the link that confirms a new address works: its owner has just asked for the change.
pub const CONFIRM_EMAIL_TTL: Duration = Duration::from_hours(1);

/// How long a 'this was not me' link works: longer than anything it can undo.
pub const NOT_ME_TTL: Duration = Duration::from_hours(7 * 24);

/// What a link lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Purpose {
    /// Confirm the address of a sign-up.
    VerifyEmail,
    /// Set a new password, with a link that was sent to the address.
    ResetPassword,
    /// Set a new password, with a link that an administrator handed over. It does not prove that its holder reads the address's email.
    HandedReset,
    /// Confirm the new address of an account.
    ConfirmEmail,
    /// Say 'this was not me': ends every session and removes the password. It signs in no one.
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

/// 256 bits that work once. They are computed from the id of the email or invitation, so that only their hash is stored.
#[derive(Clone, Debug)]
pub struct OneTimeToken(Secret<[u8; 32]>);

impl OneTimeToken {
    /// The token of an email: the same each time the email is rendered.
    #[must_use]
    pub fn of_mail(key: &MacKey, mail: MailId) -> Self {
        Self(Secret::new(key.tag(mail.0.as_bytes())))
    }

    /// The token of an invitation: administrators can see its link again.
    #[must_use]
    pub fn of_invitation(key: &MacKey, invitation: InvitationId) -> Self {
        Self(Secret::new(key.tag(invitation.0.as_bytes())))
    }

    /// Parses the text of a link; `None` if it cannot be a token.
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

    /// The hash that is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        secret::sha256(self.0.reveal()).to_vec()
    }
}

/// What a stored token grants.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Grant {
    /// The account it was sent for.
    pub user_id: UserId,
    /// The address it was sent to. Most links stop working when the account changes to another address.
    pub email_key: EmailKey,
    /// When it expires.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;

    #[test]
    fn a_token_can_be_read_from_its_link_and_differs_by_email_and_key() {
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
    fn text_that_cannot_be_a_token_is_refused() {
        for text in
            ["", "abc", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43), &"A".repeat(100_000)]
        {
            assert!(OneTimeToken::parse(text).is_none());
        }
    }
}
