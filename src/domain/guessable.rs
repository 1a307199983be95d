//! Whether a `SECRET_KEY` can be guessed: everything that is signed or encrypted hangs on it, and a copy of the database lets anyone try
//! keys at their leisure.

/// Fewest guesses, as a power of ten. Random text of 32 characters is more than zxcvbn counts to.
const GUESSES: f64 = 15.0;
/// Fewest different characters. (Of 32 random hexadecimal digits, fewer than eight differ once in 10¹⁰ keys.)
const DIFFERENT: usize = 8;
/// As much of the key as zxcvbn looks at in reasonable time.
const JUDGED: usize = 64;

/// What stands in examples, to be replaced, and what it is filled up with. Longer words before those that they contain.
const PLACEHOLDERS: [&str; 33] = [
    "changeit",
    "change",
    "replace",
    "insert",
    "example",
    "placeholder",
    "default",
    "sample",
    "please",
    "random",
    "generated",
    "generate",
    "secure",
    "secrets",
    "secret",
    "password",
    "passphrase",
    "authflow",
    "production",
    "development",
    "testing",
    "string",
    "something",
    "token",
    "value",
    "your",
    "this",
    "here",
    "with",
    "super",
    "test",
    "key",
    "my",
];

/// Why a key can be guessed, if it can.
#[must_use]
pub fn why(key: &str) -> Option<&'static str> {
    let characters: Vec<char> = key.chars().collect();
    let mut different = characters.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT {
        return Some("it has fewer than eight different characters");
    }
    let repeats = |period: usize| characters.iter().zip(&characters[period..]).all(|(a, b)| a == b);
    if (1..=characters.len() / 2).any(repeats) {
        return Some("it repeats itself");
    }
    let letters = key.to_lowercase().replace(|c: char| !c.is_alphabetic(), "");
    let rest = PLACEHOLDERS.iter().fold(letters.clone(), |rest, word| rest.replace(word, ""));
    // A phrase may well have some of these words among others, and a random key some letters among digits.
    if letters.len() * 2 > key.len() && rest.len() * 3 < letters.len() {
        return Some("it is a placeholder");
    }
    let judged: String = characters.into_iter().take(JUDGED).collect();
    (zxcvbn::zxcvbn(&judged, &[]).guesses_log10() < GUESSES)
        .then_some("it is made of common words, names or sequences")
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_that_nobody_made_at_random_are_noticed() {
        for key in [
            "x".repeat(40),
            "ab".repeat(20),
            "changeme".repeat(5),
            "changeme-changeme-changeme-changeme".into(),
            "change-me-to-something-secret-please-1".into(),
            "CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME!".into(),
            "secretsecretsecretsecretpassword1234".into(),
            "passwordpasswordpasswordpassword".into(),
            "your-secret-key-here-replace-this!".into(),
            "my-super-secret-key-for-production".into(),
            "please-generate-a-random-secret-key".into(),
            "insert a random secret string here".into(),
            "0123456789012345678901234567890123456789".into(),
            "01234567890123456789012345678901".into(),
            "12345678901234567890123456789012".into(),
            "abcdefghijklmnopqrstuvwxyz0123456789".into(),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".into(),
            "0123456789abcdef0123456789abcdef".into(),
            "qwertyuiopasdfghjklzxcvbnm123456789".into(),
            "00000000000000000000000000000000".into(),
            "deadbeefdeadbeefdeadbeefdeadbeef".into(),
            "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffff".into(),
        ] {
            assert!(why(&key).is_some(), "{key}");
        }
    }

    #[test]
    fn phrases_and_the_keys_of_the_tests_pass() {
        for key in [
            "a secret for tests, long enough to be taken",
            "a secret for the benchmark, long enough",
            "as long as it has to be, and then some",
            "lantern marsh kettle dawn brass quiet seven over",
            "secret password change token value lantern marsh kettle",
            "correct horse battery staple table window orange river",
            "correcthorsebatterystapletablewindoworangeriver",
        ] {
            assert_eq!(why(key), None, "{key}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn random_keys_pass(bytes in any::<[u8; 48]>()) {
            // What openssl rand -base64 48, -base64 32 and -hex 32 and 16 print.
            for key in [
                STANDARD.encode(bytes),
                STANDARD.encode(&bytes[..32]),
                hex(&bytes[..32]),
                hex(&bytes[..16]),
            ] {
                prop_assert_eq!(why(&key), None, "{}", key);
            }
        }

        #[test]
        fn random_phrases_of_eight_words_pass(
            words in prop::sample::subsequence(WORDS.to_vec(), 8..12).prop_shuffle(),
            between in prop::sample::select(vec![" ", "-", ""]),
        ) {
            prop_assert_eq!(why(&words.join(between)), None, "{}", words.join(between));
        }
    }

    fn hex(bytes: &[u8]) -> String {
        let digit = |it: u8| char::from_digit(it.into(), 16).unwrap();
        bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
    }

    /// Common and rare ones, some of them placeholders.
    const WORDS: [&str; 48] = [
        "secret", "change", "token", "autumn", "bridge", "candle", "desert", "engine", "river",
        "orange", "table", "window", "garden", "monkey", "dragon", "winter", "summer", "coffee",
        "guitar", "silver", "lantern", "marsh", "kettle", "dawn", "brass", "quiet", "acorn",
        "anvil", "bagpipe", "cobalt", "dimple", "ember", "fathom", "gravel", "hazel", "iguana",
        "jigsaw", "kayak", "lentil", "mitten", "nectar", "oyster", "pebble", "quiver", "raisin",
        "saddle", "tundra", "velvet",
    ];
}
