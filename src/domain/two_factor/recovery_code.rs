//! Recovery codes, for users who have lost their authenticator app. Each works once.

use crate::domain::typed_text;
use crate::secret::{self, MacKey, Secret};

/// How many codes an account gets.
pub const COUNT: usize = 10;
/// With fewer unused codes than this, users should generate new ones.
pub const FEW: i64 = 4;

/// Bytes of a seed.
const SEED: usize = 32;
/// Bytes of a code: 120 bits, so that a plain hash is enough to store it (ASVS 6.5.2).
const LENGTH: usize = 15;
/// Characters of a code, five bits each.
const CHARACTERS: usize = 24;
/// Crockford's base32, which has no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What a set of codes is computed from, together with `SECRET_KEY`. Neither makes a code without the other.
#[derive(Clone, Debug)]
pub struct CodeSeed(Secret<[u8; SEED]>);

impl CodeSeed {
    /// Generates a seed.
    #[must_use]
    pub fn random() -> Self {
        Self(Secret::new(secret::random()))
    }

    /// The seed with these bytes, if there are 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Secret::new(bytes.try_into().ok()?)))
    }

    /// The bytes to store.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.0.reveal()
    }
}

/// A recovery code.
#[derive(Clone, Debug)]
pub struct RecoveryCode(Secret<[u8; LENGTH]>);

impl RecoveryCode {
    /// Computes the [`COUNT`] codes of a seed. They are the same each time.
    #[must_use]
    pub fn of_seed(mac: &MacKey, seed: &CodeSeed) -> Vec<Self> {
        let code = |number: u8| {
            let tag = mac.tag_of_parts([seed.reveal(), &[number]]);
            let (code, _) = tag.split_first_chunk().expect("a tag is longer than a code");
            Self(Secret::new(*code))
        };
        (0..).take(COUNT).map(code).collect()
    }

    #[cfg(test)]
    pub(crate) fn random() -> Self {
        Self(Secret::new(secret::random()))
    }

    /// Parses a code as users type and paste it: in either case and any width, with or without separators. Letters that look like digits
    /// count as digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut number = 0_u128;
        let mut characters = 0;
        for c in typed_text::code_characters(text) {
            let c = match c.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                c => c,
            };
            let value = ALPHABET.iter().position(|it| char::from(*it) == c)?;
            characters += 1;
            if characters > CHARACTERS {
                return None;
            }
            number = number << 5 | u128::try_from(value).ok()?;
        }
        let bytes = number.to_be_bytes()[1..].try_into().ok()?;
        (characters == CHARACTERS).then_some(Self(Secret::new(bytes)))
    }

    /// The code as shown to the user: six groups of four.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut padded = [0; 16];
        padded[1..].copy_from_slice(self.0.reveal());
        let number = u128::from_be_bytes(padded);
        let mut text = String::new();
        for place in (0..CHARACTERS).rev() {
            let value = usize::try_from(number >> (5 * place) & 31).unwrap_or(0);
            text.push(char::from(ALPHABET[value]));
            if place % 4 == 0 && place > 0 {
                text.push('-');
            }
        }
        text
    }

    /// The hash that is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        secret::sha256(self.0.reveal()).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::secret::MasterKey;
    use proptest::prelude::*;

    #[test]
    fn codes_are_parsed_as_users_type_them() {
        let code = RecoveryCode::random();
        let shown = code.reveal();
        assert_eq!(shown.len(), CHARACTERS + 5);
        for typed in [
            shown.clone(),
            shown.to_uppercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            format!("  {shown}\n"),
            shown.replace('0', "o").replace('1', "L"),
        ] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().hash(), code.hash(), "{typed}");
        }
        assert!(!format!("{code:?}").contains(&shown));
    }

    #[test]
    fn a_seed_has_ten_codes_of_its_own() {
        let mac = MasterKey::new(vec![1; 32]).mac_key(&[], "recovery codes");
        let other_mac = MasterKey::new(vec![2; 32]).mac_key(&[], "recovery codes");
        let (seed, other) = (CodeSeed::random(), CodeSeed::random());
        let shown = |mac, seed| {
            RecoveryCode::of_seed(mac, seed).iter().map(RecoveryCode::reveal).collect::<Vec<_>>()
        };
        let stored = CodeSeed::from_bytes(seed.reveal()).unwrap();
        assert_eq!(shown(&mac, &seed), shown(&mac, &stored));
        let all = [shown(&mac, &seed), shown(&mac, &other), shown(&other_mac, &seed)].concat();
        assert_eq!(BTreeSet::from_iter(&all).len(), 3 * COUNT);
        assert!(
            CodeSeed::from_bytes(&[0; 31]).is_none() && CodeSeed::from_bytes(&[0; 33]).is_none()
        );
    }

    #[test]
    fn malformed_codes_are_refused() {
        let shown = RecoveryCode::random().reveal();
        for text in
            ["", "123456", &shown[1..], &format!("{shown}0"), &shown.replacen('-', "u", 1), "ä"]
        {
            assert!(RecoveryCode::parse(text).is_none(), "{text}");
        }
        assert!(RecoveryCode::parse(&"0".repeat(100_000)).is_none());
    }

    proptest! {
        #[test]
        fn every_shown_code_can_be_parsed_again(bytes in prop::array::uniform15(0..=u8::MAX)) {
            let code = RecoveryCode(Secret::new(bytes));
            let again = RecoveryCode::parse(&code.reveal()).unwrap();
            prop_assert_eq!(again.0.reveal(), &bytes);
        }
    }
}
