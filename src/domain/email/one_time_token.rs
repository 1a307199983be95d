//! The secret in a link that is emailed, or handed over by an administrator.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailKey;
use crate::domain::addresses::{self, AddressTemplate};
use crate::domain::id::{InvitationId, MailId, UserId};
use crate::secret::{self, MacKey, Secret};

/// Lifetime of the link that confirms the address of a sign-up.
pub const VERIFY_EMAIL_TTL: Duration = Duration::from_hours(24);

/// Lifetime of a reset link that an administrator hands over, which may take some time.
pub const HANDED_RESET_TTL: Duration = Duration::from_hours(24);

/// Lifetime of the link that confirms a new address. It is short, because the owner has just requested the change.
pub const CONFIRM_EMAIL_TTL: Duration = Duration::from_hours(1);

/// Lifetime of a 'this was not me' link: longer than that of anything it can undo.
pub const NOT_ME_TTL: Duration = Duration::from_hours(7 * 24);

/// What a link lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Purpose {
    /// Confirm the address of a sign-up.
    VerifyEmail,
    /// Set a new password, with a link that was sent to the address.
    ResetPassword,
    /// Set a new password, with a link that an administrator handed over. It does not prove that its holder controls the address.
    HandedReset,
    /// Confirm the new address of an account.
    ConfirmEmail,
    /// Say 'this was not me': ends every session and removes the password. It does not sign anyone in.
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

/// A 256-bit token that works once. It is computed from the ID of the email or invitation, so that only its hash is stored.
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

    /// Parses the token in a link; `None` if it is malformed.
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
    fn malformed_tokens_are_refused() {
        for text in
            ["", "abc", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43), &"A".repeat(100_000)]
        {
            assert!(OneTimeToken::parse(text).is_none());
        }
    }
}
