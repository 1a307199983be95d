//! The device cookie: which accounts have signed in from this browser before.
//!
//! It grants no access. It exempts the owner of an account from the rate limits that other people's guesses trigger (OWASP calls this
//! device cookies), and it tells known browsers from unknown ones.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::id::{self, UserId};
use crate::domain::signed_token::signer::Signer;

/// How many accounts the cookie holds. Another one replaces the account that signed in longest ago.
const ACCOUNTS: usize = 4;

const ID: usize = 16;

/// Bytes of an account in the cookie: its ID and the version of its credentials.
const ACCOUNT: usize = 16 + 8;

/// The body lengths with 0 to [`ACCOUNTS`] accounts.
const BODIES: [usize; ACCOUNTS + 1] =
    [ID, ID + ACCOUNT, ID + 2 * ACCOUNT, ID + 3 * ACCOUNT, ID + 4 * ACCOUNT];

/// A browser and the accounts that signed in from it, the latest first. When an account's credentials change, the browser becomes unknown
/// to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: Uuid,
    accounts: Vec<(UserId, i64)>,
}

impl Device {
    /// A browser that is seen for the first time.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { id: id::new(now), accounts: Vec::new() }
    }

    /// The ID of the browser.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The account that signed in from it last.
    #[must_use]
    pub fn latest(&self) -> Option<UserId> {
        self.accounts.first().map(|(user, _)| *user)
    }

    /// Whether `user` has signed in from this browser with the current version of their credentials.
    #[must_use]
    pub fn knows(&self, user: UserId, credential_version: i64) -> bool {
        self.accounts.contains(&(user, credential_version))
    }

    /// The same browser after `user` signed in.
    #[must_use]
    pub fn with(mut self, user: UserId, credential_version: i64) -> Self {
        self.accounts.retain(|(known, _)| *known != user);
        self.accounts.insert(0, (user, credential_version));
        self.accounts.truncate(ACCOUNTS);
        self
    }

    /// The same browser without `user`.
    #[must_use]
    pub fn without(mut self, user: UserId) -> Self {
        self.accounts.retain(|(known, _)| *known != user);
        self
    }

    /// The text for the cookie: a signed token with [`Self::to_body`], bound to no context.
    #[must_use]
    pub fn to_cookie(&self, signer: &Signer) -> String {
        signer.sign(&[&self.to_body()], &[]).reveal().clone()
    }

    /// The content of the cookie: `ID ‖ (user ID ‖ version)…`.
    #[must_use]
    pub fn to_body(&self) -> Vec<u8> {
        let mut body = self.id.into_bytes().to_vec();
        for (user, credential_version) in &self.accounts {
            body.extend(user.0.as_bytes());
            body.extend(credential_version.to_be_bytes());
        }
        body
    }

    /// Parses and verifies the text of [`Device::to_cookie`].
    #[must_use]
    pub fn from_cookie(text: &str, signer: &Signer) -> Option<Self> {
        Self::from_body(signer.open(&BODIES, text)?.body())
    }

    /// Parses the content of a cookie.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Option<Self> {
        let (id, accounts) = body.split_first_chunk::<ID>()?;
        let (accounts, _) = accounts.as_chunks::<ACCOUNT>();
        let account = |bytes: &[u8; ACCOUNT]| {
            let (user, version) = bytes.split_first_chunk()?;
            let version = i64::from_be_bytes(version.try_into().ok()?);
            Some((UserId(Uuid::from_bytes(*user)), version))
        };
        let accounts = accounts.iter().map(account).collect::<Option<_>>()?;
        Some(Self { id: Uuid::from_bytes(*id), accounts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signed_token::kind::TokenKind;
    use crate::secret::{self, MasterKey};

    #[test]
    fn a_device_remembers_its_latest_accounts_and_cannot_be_forged() {
        let signer = Signer::derive(&MasterKey::new(vec![1; 32]), TokenKind::Device);
        let users: Vec<UserId> = (0..5).map(|_| UserId::new(Timestamp(1))).collect();
        let device =
            users.iter().fold(Device::new(Timestamp(1)), |device, user| device.with(*user, 3));
        assert!(!device.knows(users[0], 3) && users[1..].iter().all(|user| device.knows(*user, 3)));
        assert!(!device.knows(users[2], 4), "a new password");
        let device = device.with(users[2], 4);
        assert!(device.knows(users[2], 4) && !device.knows(users[2], 3));
        assert_eq!(device.accounts.len(), ACCOUNTS, "each is listed once");

        let cookie = device.to_cookie(&signer);
        assert_eq!(Device::from_cookie(&cookie, &signer), Some(device));
        let bytes = secret::decode(&cookie).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Device::from_cookie(&secret::encode(&forged), &signer), None, "bit {bit}");
        }
        for text in ["", "AAAA", "!", &"A".repeat(64), &"A".repeat(100_000)] {
            assert_eq!(Device::from_cookie(text, &signer), None);
        }
    }

    #[test]
    fn a_cookie_holds_none_to_four_accounts() {
        let signer = Signer::derive(&MasterKey::new(vec![1; 32]), TokenKind::Device);
        let mut device = Device::new(Timestamp(1));
        for _ in 0..=ACCOUNTS + 1 {
            assert_eq!(
                Device::from_cookie(&device.to_cookie(&signer), &signer).as_ref(),
                Some(&device)
            );
            device = device.with(UserId::new(Timestamp(1)), 3);
        }
    }
}
