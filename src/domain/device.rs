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

/// A browser and the accounts that signed in from it, the latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: Uuid,
    accounts: Vec<UserId>,
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

    /// Whether `user` has signed in from this browser before.
    #[must_use]
    pub fn knows(&self, user: UserId) -> bool {
        self.accounts.contains(&user)
    }

    /// The same browser after `user` signed in.
    #[must_use]
    pub fn with(mut self, user: UserId) -> Self {
        self.accounts.retain(|known| *known != user);
        self.accounts.insert(0, user);
        self.accounts.truncate(ACCOUNTS);
        self
    }

    /// The text for the cookie: base64url of `id ‖ accounts ‖ HMAC-SHA-256`.
    #[must_use]
    pub fn to_cookie(&self, key: &MacKey) -> String {
        let ids = std::iter::once(self.id).chain(self.accounts.iter().map(|user| user.0));
        let mut bytes: Vec<u8> = ids.flat_map(Uuid::into_bytes).collect();
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
        let (ids, rest) = body.as_chunks::<16>();
        let (id, accounts) = ids.split_first()?;
        let accounts = accounts.iter().map(|id| UserId(Uuid::from_bytes(*id))).collect();
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
            users.iter().fold(Device::new(Timestamp(1)), |device, user| device.with(*user));
        assert!(!device.knows(users[0]) && users[1..].iter().all(|user| device.knows(*user)));
        let device = device.with(users[2]);
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
