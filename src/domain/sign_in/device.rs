//! The device cookie: which accounts have signed in from this browser before.
//!
//! It opens nothing. It only spares its owner the pauses that somebody else's guesses at the account earn (OWASP calls this
//! device cookies), and tells a known browser from an unknown one.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::id::{self, UserId};
use crate::secret::{self, MacKey};

/// Accounts remembered per browser; the longest ago falls out.
const ACCOUNTS: usize = 4;

/// Bytes of an account in the cookie: its id and the version of its password.
const ACCOUNT: usize = 16 + 8;

/// A browser and the accounts that signed in from it, the latest first. A change of their credentials makes it a stranger again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: Uuid,
    accounts: Vec<(UserId, i64)>,
}

impl Device {
    /// A browser seen for the first time.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { id: id::new(now), accounts: Vec::new() }
    }

    /// Names the browser.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Who signed in from it last, if it knows anyone.
    #[must_use]
    pub fn latest(&self) -> Option<UserId> {
        self.accounts.first().map(|(user, _)| *user)
    }

    /// Whether `user` has signed in from this browser with the credentials of today.
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

    /// The same browser after it has forgotten `user`.
    #[must_use]
    pub fn without(mut self, user: UserId) -> Self {
        self.accounts.retain(|(known, _)| *known != user);
        self
    }

    /// The text for the cookie: base64url of `id ‖ (user id ‖ version)… ‖ HMAC-SHA-256`.
    #[must_use]
    pub fn to_cookie(&self, key: &MacKey) -> String {
        let mut bytes = self.id.into_bytes().to_vec();
        for (user, credential_version) in &self.accounts {
            bytes.extend(user.0.as_bytes());
            bytes.extend(credential_version.to_be_bytes());
        }
        bytes.extend(key.tag(&bytes));
        secret::encode(&bytes)
    }

    /// Reads a cookie that [`Device::to_cookie`] made.
    #[must_use]
    pub fn from_cookie(text: &str, key: &MacKey) -> Option<Self> {
        let bytes = secret::decode(text)?;
        let (body, tag) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if !key.verify(body, tag) {
            return None;
        }
        let (id, accounts) = body.split_first_chunk::<16>()?;
        let (accounts, rest) = accounts.as_chunks::<ACCOUNT>();
        let account = |bytes: &[u8; ACCOUNT]| {
            let (id, version) = bytes.split_first_chunk::<16>()?;
            let version = i64::from_be_bytes(version.try_into().ok()?);
            Some((UserId(Uuid::from_bytes(*id)), version))
        };
        let accounts = accounts.iter().map(account).collect::<Option<Vec<_>>>()?;
        rest.is_empty().then(|| Self { id: Uuid::from_bytes(*id), accounts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;

    #[test]
    fn a_device_remembers_its_latest_accounts_and_cannot_be_forged() {
        let key = MasterKey::new(vec![1; 32]).mac_key(&[], "device");
        let users: Vec<UserId> = (0..5).map(|_| UserId::new(Timestamp(1))).collect();
        let device =
            users.iter().fold(Device::new(Timestamp(1)), |device, user| device.with(*user, 3));
        assert!(!device.knows(users[0], 3) && users[1..].iter().all(|user| device.knows(*user, 3)));
        assert!(!device.knows(users[2], 4), "a new password");
        let device = device.with(users[2], 4);
        assert!(device.knows(users[2], 4) && !device.knows(users[2], 3));
        assert_eq!(device.accounts.len(), ACCOUNTS, "none stands twice");

        let cookie = device.to_cookie(&key);
        assert_eq!(Device::from_cookie(&cookie, &key), Some(device));
        let mut forged = secret::decode(&cookie).unwrap();
        forged[20] ^= 1;
        assert_eq!(Device::from_cookie(&secret::encode(&forged), &key), None);
        for text in ["", "AAAA", "!", &"A".repeat(64)] {
            assert_eq!(Device::from_cookie(text, &key), None);
        }
    }
}
