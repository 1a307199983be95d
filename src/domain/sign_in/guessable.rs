//! Detecting a `SECRET_KEY` that can be guessed. All signatures and encryption depend on it, and with a copy of the database an attacker
//! can try keys without limits.

/// Minimum number of guesses, as a power of ten. Random text of 32 characters exceeds what zxcvbn counts.
const GUESSES: f64 = 15.0;
/// Minimum number of different characters. (One in 10¹⁰ keys of 32 random hexadecimal digits has fewer than eight.)
const DIFFERENT: usize = 8;
/// How many characters of the key zxcvbn scores in reasonable time.
const JUDGED: usize = 64;

/// Words in the placeholder keys of examples, and their padding. Longer words come before words that they contain.
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

/// Phrases that ask for a replacement or name the purpose of the key. Only the letters of the key are searched. They are long enough not to
/// occur in a random key.
const MARKERS: [&str; 27] = [
    "changeme",
    "changethis",
    "changeit",
    "pleasechange",
    "replaceme",
    "replacethis",
    "replacewith",
    "shouldbechanged",
    "shouldbereplaced",
    "mustbechanged",
    "donotuse",
    "dontuse",
    "secretkey",
    "supersecret",
    "yoursecret",
    "mysecret",
    "verysecret",
    "topsecret",
    "secretvalue",
    "notasecret",
    "notsosecret",
    "insecure",
    "opensslrand",
    "placeholder",
    "randomstring",
    "developmentonly",
    "fordevelopment",
];

/// The keys of a keyboard. Each row is offset by half a key to the right.
const KEYBOARD: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"];
/// The first row with shift.
const SHIFTED: &str = "!@#$%^&*()";

/// Why a key can be guessed; `None` if it cannot.
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
    let lower: Vec<char> = key.to_lowercase().chars().collect();
    if is_run(&lower, |a, b| u32::from(a).abs_diff(b.into()) <= 1) {
        return Some("it follows the alphabet or counts");
    }
    if is_run(&lower, are_neighbours) {
        return Some("it follows the keys of a keyboard");
    }
    let letters: String = lower.iter().filter(|it| it.is_alphabetic()).collect();
    if MARKERS.iter().any(|marker| letters.contains(marker)) {
        return Some("it is a placeholder");
    }
    let rest = PLACEHOLDERS.iter().fold(letters.clone(), |rest, word| rest.replace(word, ""));
    // A passphrase may contain some of these words, and a random key some letters among digits.
    if letters.len() * 2 > key.len() && rest.len() * 3 < letters.len() {
        return Some("it is a placeholder");
    }
    let judged: String = characters.into_iter().take(JUDGED).collect();
    (zxcvbn::zxcvbn(&judged, &[]).guesses_log10() < GUESSES)
        .then_some("it is made of common words, names or sequences")
}

/// Whether most characters follow from the previous one.
fn is_run(characters: &[char], follows: impl Fn(char, char) -> bool) -> bool {
    let pairs = characters.windows(2).filter(|pair| follows(pair[0], pair[1])).count();
    pairs * 10 >= characters.len().saturating_sub(1) * 7
}

/// Whether two keys are the same or neighbours.
fn are_neighbours(a: char, b: char) -> bool {
    let at = |key: char| {
        let found = |row: &&str| row.chars().position(|it| it == key);
        let shifted = found(&SHIFTED).map(|column| (0, column));
        let mut rows = KEYBOARD.iter().enumerate();
        shifted.or_else(|| rows.find_map(|(row, keys)| Some((row, found(keys)?))))
    };
    let (Some(a), Some(b)) = (at(a), at(b)) else { return false };
    let (upper, lower) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    match lower.0 - upper.0 {
        0 => upper.1.abs_diff(lower.1) <= 1,
        1 => lower.1 == upper.1 || lower.1 + 1 == upper.1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_that_are_not_random_are_detected() {
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
            "CHANGE_ME_TO_A_LONG_RANDOM_STRING_OF_32_CHARS".into(),
            "replace-with-output-of-openssl-rand-base64-48".into(),
            "REPLACE_ME_WITH_openssl_rand_base64_48_OUTPUT".into(),
            "mysupersecretkeythatis32characters!".into(),
            "a-very-secret-key-that-is-at-least-32-chars".into(),
            "thisisaverylongsecretkeythatshouldbechanged".into(),
            "django-insecure-change-me-in-production-12345".into(),
            "secret_key_base_for_development_only_do_not_use".into(),
            "dev-secret-key-dev-secret-key-dev-1".into(),
            "Change this to a secret value, at least 32 characters".into(),
            "aaaabbbbccccddddeeeeffffgggghhhh".into(),
            "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQ".into(),
            "00112233445566778899aabbccddeeff".into(),
            "zyxwvutsrqponmlkjihgfedcba9876543210".into(),
            "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9".into(),
            "!QAZ2wsx#EDC4rfv%TGB6yhn&UJM8ik,".into(),
            "1q2w3e4r5t6y7u8i9o0pazsxdcfvgbhn".into(),
            "zaq12wsxcde34rfvbgt56yhnmju78ik,".into(),
        ] {
            assert!(why(&key).is_some(), "{key}");
        }
    }

    #[test]
    fn passphrases_and_the_keys_of_the_tests_pass() {
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
            // The output of openssl rand -base64 48, -base64 32 and -hex 32 and 16, and 20 bytes in Base32.
            for key in [
                STANDARD.encode(bytes),
                STANDARD.encode(&bytes[..32]),
                hex(&bytes[..32]),
                hex(&bytes[..16]),
                base32(&bytes[..20]),
            ] {
                prop_assert_eq!(why(&key), None, "{}", key);
            }
        }

        #[test]
        fn random_passphrases_of_eight_words_pass(
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

    fn base32(bytes: &[u8]) -> String {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: Vec<u8> =
            bytes.iter().flat_map(|it| (0..8).rev().map(move |bit| (it >> bit) & 1)).collect();
        let number = |five: &[u8]| five.iter().fold(0, |all, bit| all * 2 + usize::from(*bit));
        bits.chunks(5).map(|five| char::from(digits[number(five)])).collect()
    }

    /// Common and rare words, some of them placeholders.
    const WORDS: [&str; 48] = [
        "secret", "change", "token", "autumn", "bridge", "candle", "desert", "engine", "river",
        "orange", "table", "window", "garden", "monkey", "dragon", "winter", "summer", "coffee",
        "guitar", "silver", "lantern", "marsh", "kettle", "dawn", "brass", "quiet", "acorn",
        "anvil", "bagpipe", "cobalt", "dimple", "ember", "fathom", "gravel", "hazel", "iguana",
        "jigsaw", "kayak", "lentil", "mitten", "nectar", "oyster", "pebble", "quiver", "raisin",
        "saddle", "tundra", "velvet",
    ];
}
