//! The secret in a link that is emailed, handed over by an administrator, or printed at the first start.

use std::time::Duration;

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailKey;
use crate::domain::addresses::{self, AddressTemplate};
use crate::domain::id::{FirstAdministratorLinkId, InvitationId, MailId, UserId};
use crate::domain::typed_text;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
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

/// A 256-bit token that works once. It is computed from the ID of the email, the invitation or the first administrator's link, so that at
/// most its hash is stored.
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

    /// The token of the link that makes the first administrator: every instance prints the same.
    #[must_use]
    pub fn of_first_administrator(key: &MacKey, link: FirstAdministratorLinkId) -> Self {
        Self(Secret::new(key.tag(link.0.as_bytes())))
    }

    /// Finds the token in the last part of a link, as programs and people pass it on: wrapped, with invisible characters, with
    /// punctuation before it, or with a tail that cannot belong to it.
    pub fn find(text: &str) -> Result<Self, NoToken> {
        let text: String = text.chars().filter(|c| !typed_text::is_invisible(*c)).collect();
        if let Some(found) = run(&text) {
            return decode(&found[..LENGTH]);
        }
        let joined = unwrapped(&text);
        run(&joined).filter(|it| it.len() == LENGTH).map_or(Err(NoToken::Incomplete), decode)
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

/// Why a text contains no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoToken {
    /// Every part that a token may be is too short: the link was cut.
    Incomplete,
    /// It is long enough, but we never issue such a token.
    Foreign,
}

/// The length of a token as text.
const LENGTH: usize = 43;

/// The first part of a text that is long enough for a token.
fn run(text: &str) -> Option<&str> {
    text.split(|c| !secret::is_encoded(c)).find(|run| run.len() >= LENGTH)
}

/// The text without line breaks, including soft ones (`=` at the end of a line; RFC 2045, section 6.7). Browsers turn them into spaces.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().map(|line| line.strip_suffix('=').unwrap_or(line)).collect()
}

fn decode(text: &str) -> Result<OneTimeToken, NoToken> {
    let bytes = secret::decode(text).and_then(|bytes| bytes.try_into().ok());
    bytes.map(|bytes| OneTimeToken(Secret::new(bytes))).ok_or(NoToken::Foreign)
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
        assert_eq!(OneTimeToken::find(&token.reveal()).unwrap().hash(), token.hash());
        assert_eq!(OneTimeToken::of_mail(&key, mail).hash(), token.hash());
        assert_ne!(OneTimeToken::of_mail(&key, other).hash(), token.hash());
        let another_key = MasterKey::new(vec![2; 32]).mac_key(&[], "one-time token");
        assert_ne!(OneTimeToken::of_mail(&another_key, mail).hash(), token.hash());
    }

    /// What programs and people leave after a link.
    const TAILS: [&str; 44] = [
        "",
        ".",
        ",",
        ">",
        ")",
        "]",
        "}",
        "\"",
        "'",
        ";",
        ":",
        "!",
        "?",
        " ",
        "=",
        "%3D",
        "=3D",
        "%20",
        "\u{a0}",
        "”",
        "’",
        "»",
        "…",
        "\u{200b}",
        "\u{202c}",
        "\u{feff}",
        "/",
        "/.",
        "\\",
        "&gt;",
        "&amp;x=y",
        "=\r\n",
        "\n",
        "*",
        "|",
        "。",
        "\u{fffd}",
        ">.",
        "%2520",
        " and more",
        "-",
        "_",
        "__",
        "x",
    ];

    #[test]
    fn what_cannot_belong_to_a_token_is_ignored() {
        let key = MasterKey::new(vec![1; 32]).mac_key(&[], "one-time token");
        let token = OneTimeToken::of_mail(&key, MailId::new(Timestamp(1)));
        let text = token.reveal();
        let (half, rest) = text.split_at(20);
        for tail in TAILS.into_iter().chain([text.as_str()]) {
            let found = OneTimeToken::find(&format!("{text}{tail}")).map(|it| it.reveal());
            assert_eq!(found.as_ref(), Ok(&text), "{tail:?}");
        }
        for written in [
            format!("<{text}>"),
            format!(" \u{feff}“{text}”"),
            format!("={text}"),
            format!("{half}\u{200b}\u{ad}{rest}."),
            format!("{half}=\r\n{rest}"),
            format!("{half}= {rest}>"),
            format!("{half}\n  {rest}"),
            format!("https://login.example.org/auth/reset-password/{text}."),
        ] {
            let found = OneTimeToken::find(&written).map(|it| it.reveal());
            assert_eq!(found.as_ref(), Ok(&text), "{written:?}");
        }
    }

    #[test]
    fn a_cut_token_is_incomplete() {
        let whole = "A".repeat(43);
        for text in ["", "abc", &whole[1..], &format!("{}.", &whole[..42]), "\u{200b}", "..", "=3D"]
        {
            assert_eq!(OneTimeToken::find(text).err(), Some(NoToken::Incomplete), "{text:?}");
        }
        for text in [&format!("{}B", &whole[1..]), &"B".repeat(43), &"_".repeat(100_000)] {
            assert_eq!(OneTimeToken::find(text).err(), Some(NoToken::Foreign), "{text:.60}");
        }
    }
}
