//! Secrets: generated here, never printed, compared in constant time.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize, ZeroizeOnDrop};

const NONCE: usize = 12;

/// Random bytes from the operating system (ASVS 11.5.1). Every secret is generated here.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    rand::fill(&mut bytes).expect("the system's random generator does not fail");
    bytes
}

/// SHA-256 of `data`. The database stores random tokens as this hash.
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, data);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// Compares two secrets in constant time.
#[must_use]
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// Unpadded base64url (RFC 4648, section 5).
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a character can be in the output of [`encode`].
#[must_use]
pub fn is_encoded(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

/// Decodes unpadded base64url.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A value that prints as `…` and is zeroed when dropped. [`Secret::reveal`] is the only way to read it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Hides `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one call that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// `SECRET_KEY`. It signs and encrypts nothing itself: each purpose has a key derived from it.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Secret<Vec<u8>>,
    id: KeyId,
}

/// Identifies a master key in the tokens that were signed under it.
pub type KeyId = [u8; 4];

impl MasterKey {
    /// Takes the bytes of `SECRET_KEY`.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut master = Self { bytes: Secret::new(bytes), id: KeyId::default() };
        // A tag rather than derived bytes: testing a guessed SECRET_KEY against the ID costs as much as against any token.
        let [a, b, c, d, ..] = master.mac_key(&[], "key id").tag(&[]);
        master.id = [a, b, c, d];
        master
    }

    /// The ID of this key. Computed once, when the key is read.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// HKDF-SHA-256 (RFC 5869).
    fn derive(&self, salt: &[u8], purpose: &str) -> Secret<[u8; 32]> {
        let info = [purpose.as_bytes()];
        let key = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(self.bytes.reveal());
        let mut bytes = [0; 32];
        key.expand(&info, hkdf::HKDF_SHA256)
            .and_then(|derived| derived.fill(&mut bytes))
            .expect("32 bytes are within HKDF's limit");
        Secret::new(bytes)
    }

    /// A key for message authentication, for `purpose` only. Keys of one purpose differ by `salt`.
    #[must_use]
    pub fn mac_key(&self, salt: &[u8], purpose: &str) -> MacKey {
        let key = self.derive(salt, purpose);
        MacKey(Box::new(hmac::Key::new(hmac::HMAC_SHA256, key.reveal())))
    }

    /// A key for encryption at rest, for `purpose` only.
    #[must_use]
    pub fn seal_key(&self, purpose: &str) -> SealKey {
        SealKey(self.derive(&[], purpose))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// An HMAC-SHA-256 key. Boxed, because it takes more than a kilobyte.
#[derive(Clone)]
pub struct MacKey(Box<hmac::Key>);

impl MacKey {
    /// The tag of `message`.
    #[must_use]
    pub fn tag(&self, message: &[u8]) -> [u8; 32] {
        bytes_of(hmac::sign(&self.0, message))
    }

    /// The tag of a list of parts. Each part is preceded by its length, so that no other list has the same tag.
    #[must_use]
    pub fn tag_of_parts<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        bytes_of(context.sign())
    }

    /// Whether `tag` belongs to `message`, compared in constant time.
    #[must_use]
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }
}

fn bytes_of(tag: hmac::Tag) -> [u8; 32] {
    tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// An AES-256-GCM key. Each message gets a random nonce.
#[derive(Clone, Debug)]
pub struct SealKey(Secret<[u8; 32]>);

impl SealKey {
    /// Encrypts `plain` to nonce ‖ ciphertext ‖ tag. It decrypts only in the same `context`: the id of its row, so that rows cannot be
    /// swapped.
    #[must_use]
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .key()
            .seal_in_place_append_tag(Aad::from(context), &mut sealed)
            .expect("sealing a short message does not fail");
        [nonce.as_ref().as_slice(), &sealed].concat()
    }

    /// Decrypts the output of [`SealKey::seal`]. `None` if the key, the context or a single bit differs.
    #[must_use]
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self.key().open_in_place(nonce, Aad::from(context), &mut sealed).ok()?;
        Some(Secret::new(plain.to_vec()))
    }

    fn key(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, self.0.reveal()).expect("the key has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_cannot_be_printed() {
        let secret = Secret::new(String::from("hunter2"));
        assert_eq!(format!("{secret:?}"), "…");
        let master = MasterKey::new(b"hunter2hunter2hunter2hunter2hunt".to_vec());
        let shown = format!("{master:?}{:?}{:?}", master.mac_key(&[], "a"), master.seal_key("a"));
        assert!(!shown.contains("hunter2") && !shown.contains("104"), "{shown}");
    }

    #[test]
    fn keys_differ_by_purpose_and_salt() {
        let master = MasterKey::new(vec![7; 32]);
        let tag = master.mac_key(&[], "a").tag(b"message");
        assert!(master.mac_key(&[], "a").verify(b"message", &tag));
        assert!(!master.mac_key(&[], "b").verify(b"message", &tag));
        assert!(!master.mac_key(b"salt", "a").verify(b"message", &tag));
        assert!(!MasterKey::new(vec![8; 32]).mac_key(&[], "a").verify(b"message", &tag));
        assert!(!master.mac_key(&[], "a").verify(b"massage", &tag));
        assert!(!master.mac_key(&[], "a").verify(b"message", &tag[..16]));
    }

    #[test]
    fn master_keys_have_ids() {
        let master = MasterKey::new(vec![7; 32]);
        assert_eq!(master.id(), MasterKey::new(vec![7; 32]).id());
        assert_ne!(master.id(), MasterKey::new(vec![8; 32]).id());
    }

    #[test]
    fn every_list_of_parts_has_its_own_tag() {
        let key = MasterKey::new(vec![7; 32]).mac_key(&[], "a");
        let lists: [&[&[u8]]; 6] =
            [&[], &[b""], &[b"ab"], &[b"a", b"b"], &[b"ab", b""], &[b"", b"ab"]];
        let tags = lists.map(|list| key.tag_of_parts(list.iter().copied()));
        for (at, tag) in tags.iter().enumerate() {
            assert!(!tags[..at].contains(tag), "{:?}", lists[at]);
        }
    }

    #[test]
    fn sealed_bytes_open_only_with_their_key_and_context() {
        let key = MasterKey::new(vec![7; 32]).seal_key("signing key");
        let sealed = key.seal(b"row 1", b"private");
        assert_eq!(key.open(b"row 1", &sealed).unwrap().reveal(), b"private");
        assert!(key.open(b"row 2", &sealed).is_none());
        assert!(
            MasterKey::new(vec![8; 32]).seal_key("signing key").open(b"row 1", &sealed).is_none()
        );
        for bit in 0..sealed.len() * 8 {
            let mut broken = sealed.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(b"row 1", &broken).is_none(), "bit {bit}");
        }
        assert!(key.open(b"row 1", &sealed[..5]).is_none());
        assert_ne!(sealed, key.seal(b"row 1", b"private"), "the nonce is fresh each time");
    }

    #[test]
    fn random_bytes_do_not_repeat() {
        assert_ne!(random::<32>(), random::<32>());
    }
}
