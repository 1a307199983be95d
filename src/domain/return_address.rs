//! How long a return address may be, and the id of one that is too long for URLs.

use std::fmt;

use url::form_urlencoded::byte_serialize;

use crate::secret::{MacKey, decode, encode};

/// Maximum bytes of a percent-encoded return address in the query of a URL. It fits into the 8 KiB that proxies accept.
pub const LONGEST_IN_QUERY: usize = 4_096;

/// The same for an address in the query of a return address, where it is encoded twice.
pub const LONGEST_NESTED: usize = 2_048;

/// Maximum bytes of a return address.
const LONGEST: usize = 8_192;

/// Whether the percent-encoded address has at most this many bytes. A longer one is saved, and URLs carry its [`SavedId`].
#[must_use]
pub fn fits(address: &str, longest: usize) -> bool {
    byte_serialize(address.as_bytes()).map(str::len).sum::<usize>() <= longest
}

/// Whether the address is too long to be saved.
#[must_use]
pub fn is_too_long(address: &str) -> bool {
    address.len() > LONGEST
}

/// The id of a saved return address. Only a browser that was sent to the address knows its id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SavedId([u8; 16]);

impl SavedId {
    /// The id of this address. An address that is saved twice has one id, so that a reload stores nothing new.
    #[must_use]
    pub fn of(key: &MacKey, address: &str) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&key.tag(address.as_bytes())[..16]);
        Self(id)
    }

    /// Parses an id in a URL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        decode(text)?.try_into().ok().map(Self)
    }

    /// The id for a URL.
    #[must_use]
    pub fn to_text(self) -> String {
        encode(&self.0)
    }

    /// The id for the database.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl fmt::Debug for SavedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;

    #[test]
    fn lengths_are_in_bytes_as_they_are_sent() {
        assert!(fits("/////", 15) && !fits("/////", 14));
        assert!(fits("aaaaa", 5) && !fits("aaaaa", 4));
        assert!(!is_too_long(&"a".repeat(8_192)) && is_too_long(&"a".repeat(8_193)));
    }

    #[test]
    fn an_id_belongs_to_one_address_and_one_key() {
        let key = |bytes: u8| MasterKey::new(vec![bytes; 32]).mac_key(&[], "return address");
        let id = SavedId::of(&key(1), "/a");
        assert_eq!(id, SavedId::of(&key(1), "/a"));
        assert_ne!(id, SavedId::of(&key(1), "/b"));
        assert_ne!(id, SavedId::of(&key(2), "/a"));
        assert_eq!(SavedId::parse(&id.to_text()), Some(id));
        for other in ["", "x", "/a", &"A".repeat(21), &"A".repeat(23), "https://evil.example/"] {
            assert_eq!(SavedId::parse(other), None, "{other}");
        }
        assert_eq!(format!("{id:?}"), "…");
    }
}
