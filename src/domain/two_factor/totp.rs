//! Codes of an authenticator app (TOTP, RFC 6238): six digits that change every 30 seconds and work once.

use totp_rs::{Builder, Totp};

use crate::clock::{DRIFT, Timestamp};
use crate::secret::{self, Secret};

/// How many seconds an app shows one code.
const STEP: i64 = 30;
/// By how many steps the clocks of app and server may differ.
const SKEW: i64 = 1;
/// Bytes of a secret, as RFC 4226 recommends for HMAC-SHA-1.
const LENGTH: usize = 20;

/// The secret that app and server share.
#[derive(Clone, Debug)]
pub struct TotpSecret(Secret<[u8; LENGTH]>);

impl TotpSecret {
    /// Takes the first bytes of a key that was derived for this secret.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let bytes = key.first_chunk().expect("32 bytes hold 20");
        Self(Secret::new(*bytes))
    }

    /// The secret from its decrypted bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Secret::new(bytes.try_into().ok()?)))
    }

    /// The bytes, to encrypt them.
    #[must_use]
    pub fn reveal(&self) -> &[u8; LENGTH] {
        self.0.reveal()
    }

    /// The secret as users type it: base32 in groups of four.
    #[must_use]
    pub fn in_groups(&self) -> String {
        let text = self.totp("", "").secret().to_base32();
        let groups: Vec<&str> =
            text.as_bytes().chunks(4).filter_map(|it| str::from_utf8(it).ok()).collect();
        groups.join(" ")
    }

    /// The URL for the QR code (Key URI format). Colons are replaced, because a colon separates issuer and account.
    #[must_use]
    pub fn url(&self, issuer: &str, account: &str) -> String {
        let totp = self.totp(&issuer.replace(':', " "), &account.replace(':', " "));
        totp.to_url().expect("a URL with an account name is valid")
    }

    /// The time step of this code: the current one or a neighbour, and later than the last accepted one, so that no code works twice
    /// (RFC 6238, section 5.2; ASVS 6.5.1). Compared in constant time.
    ///
    /// A last step beyond [`latest_step`] does not count, or no code would work until the clock catches up.
    #[must_use]
    pub fn matching_step(&self, code: &str, now: Timestamp, last_step: i64) -> Option<i64> {
        let current = step_at(now);
        let last_step = if last_step > latest_step(now) { i64::MIN } else { last_step };
        // All steps are compared, so that the timing reveals nothing.
        (current - SKEW..=current + SKEW).fold(None, |found, step| {
            let is_same = secret::is_same(self.code(step).as_bytes(), code.as_bytes());
            if is_same && step > last_step { Some(step) } else { found }
        })
    }

    fn code(&self, step: i64) -> String {
        let time = u64::try_from(step.saturating_mul(STEP)).unwrap_or(0);
        self.totp("", "").generate(time).to_string()
    }

    fn totp(&self, issuer: &str, account: &str) -> Totp {
        Builder::new()
            .with_secret(*self.0.reveal())
            .with_issuer((!issuer.is_empty()).then_some(issuer))
            .with_account_name(account)
            .build()
            .expect("20 bytes, 6 digits and 30 seconds comply with the RFC")
    }
}

/// The latest step that an instance with a correct clock may have stored. A later one was stored before the clock was set back.
#[must_use]
pub fn latest_step(now: Timestamp) -> i64 {
    step_at(now.after(DRIFT)) + SKEW
}

fn step_at(time: Timestamp) -> i64 {
    time.0.div_euclid(STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The secret of RFC 6238's test vectors.
    fn known() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_match_the_test_vectors_of_rfc_6238() {
        // RFC 6238, appendix B: the last six of eight digits.
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(known().code(time / STEP), code);
            assert_eq!(known().matching_step(code, Timestamp(time), 0), Some(time / STEP));
        }
    }

    #[test]
    fn the_window_and_the_last_step_decide_exhaustively() {
        let current = 41_152_263;
        // Codes can repeat by chance; these don't.
        let codes: Vec<String> = (current - 4..=current + 4).map(|it| known().code(it)).collect();
        assert!(codes.iter().all(|code| codes.iter().filter(|it| *it == code).count() == 1));
        for second in 0..STEP {
            let now = Timestamp(current * STEP + second);
            for last in current - 4..=current + 6 {
                for (code, step) in codes.iter().zip(current - 4..) {
                    // A step that no clock has reached yet was stored before the clock was set back.
                    let is_good =
                        (step - current).abs() <= 1 && (step > last || last > current + 2);
                    assert_eq!(
                        known().matching_step(code, now, last),
                        is_good.then_some(step),
                        "second {second}, last {last}, step {step}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_step_from_before_the_clock_was_set_back_blocks_no_code() {
        let now = Timestamp(1_234_567_890);
        let current = now.0 / STEP;
        let code = known().code(current);
        for ahead in [86_400, 365 * 86_400, i64::MAX / STEP] {
            let last = (now.0.saturating_add(ahead)) / STEP;
            assert_eq!(known().matching_step(&code, now, last), Some(current), "{ahead}");
        }
        assert_eq!(known().matching_step(&code, now, i64::MAX), Some(current));
        assert_eq!(known().matching_step(&code, now, latest_step(now)), None);
        assert_eq!(known().matching_step(&code, now, current), None, "it was used since");
    }

    #[test]
    fn texts_that_are_not_codes_match_no_step() {
        let now = Timestamp(1_234_567_890);
        for code in ["", "5924", "005924 ", "+05924", "00592４", "0005924", "005925"] {
            assert_eq!(known().matching_step(code, now, 0), None, "{code:?}");
        }
    }

    #[test]
    fn the_secret_is_shown_in_groups_and_as_a_url() {
        assert_eq!(known().in_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let url = known().url("Müller & Söhne: Login", "ada+x@example.org");
        assert_eq!(
            url,
            "otpauth://totp/M%C3%BCller%20%26%20S%C3%B6hne%20%20Login:ada%2Bx%40example.org\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=M%C3%BCller%20%26%20S%C3%B6hne%20%20Login"
        );
        assert!(!format!("{:?}", known()).contains("49"));
    }

    proptest! {
        /// Whether codes are entered early, late, repeatedly or out of order, each step counts at most once, and never after a later one.
        #[test]
        fn no_step_counts_twice(tries in prop::collection::vec((0..40_i64, -3..4_i64), 1..60)) {
            let (mut now, mut last, mut taken) = (1_234_567_890, 0, Vec::new());
            for (pause, offset) in tries {
                now += pause;
                let shown = now / STEP + offset;
                if let Some(step) = known().matching_step(&known().code(shown), Timestamp(now), last) {
                    prop_assert!(step > last && (step - now / STEP).abs() <= SKEW);
                    last = step;
                    taken.push(step);
                }
            }
            prop_assert!(taken.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
