//! The states of a signing key: published first, then signing, then verifying until its last token has expired.

use std::time::Duration;

use crate::clock::Timestamp;

/// How long services may cache the public keys (`Cache-Control` of `/.well-known/jwks.json`).
pub const CACHED_FOR: Duration = Duration::from_mins(5);
/// How long a new key is published before it signs. By then every cache has expired and every instance has read the keys again.
pub const PUBLISHED_FIRST: Duration = Duration::from_mins(10);
/// How long a key verifies after it has signed its last token: the longest `ACCESS_TOKEN_TTL` (1 hour), plus a margin for clock differences
/// and for instances that have not read the keys again.
pub const VERIFIES_FOR: Duration = Duration::from_mins(80);

/// The times of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it was created.
    pub created_at: Timestamp,
    /// When its successor starts to sign; `None` for the newest key.
    pub retired_at: Option<Timestamp>,
    /// When it was revoked, because it had leaked.
    pub revoked_at: Option<Timestamp>,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and signs from this moment on.
    Published(Timestamp),
    /// It signs and verifies.
    Signs,
    /// It verifies until this moment.
    Verifies(Timestamp),
    /// It has expired.
    Over,
    /// It was revoked at this moment.
    Revoked(Timestamp),
}

impl KeyState {
    /// Whether tokens signed with it are valid, which means that it belongs in the JWK set.
    #[must_use]
    pub fn verifies(self) -> bool {
        matches!(self, Self::Published(_) | Self::Signs | Self::Verifies(_))
    }
}

/// The state of the key `of`. `keys` are all keys of its algorithm.
#[must_use]
pub fn state(of: Span, keys: &[Span], now: Timestamp) -> KeyState {
    if let Some(at) = of.revoked_at {
        return KeyState::Revoked(at);
    }
    if let Some(retired_at) = of.retired_at.filter(|at| *at <= now) {
        let until = retired_at.after(VERIFIES_FOR);
        return if now < until { KeyState::Verifies(until) } else { KeyState::Over };
    }
    // The key that retires first signs until then; later keys wait for it.
    let before = |key: &Span| match (key.retired_at, of.retired_at) {
        (Some(at), Some(own)) => at > now && at < own,
        (Some(at), None) => at > now,
        (None, _) => false,
    };
    let good = keys.iter().filter(|key| key.revoked_at.is_none());
    let waits_for = good.filter(|key| before(key)).filter_map(|key| key.retired_at).max();
    waits_for.map_or(KeyState::Signs, KeyState::Published)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(duration: Duration) -> i64 {
        i64::try_from(duration.as_secs()).unwrap()
    }

    fn made(at: i64) -> Span {
        Span { created_at: Timestamp(at), retired_at: None, revoked_at: None }
    }

    /// The keys after a rotation at each of these moments that allows one.
    fn life(moments: &[i64]) -> Vec<Span> {
        let mut keys = vec![made(0)];
        for now in moments.iter().copied().map(Timestamp) {
            let newest = *keys.last().unwrap();
            if state(newest, &keys, now) == KeyState::Signs {
                keys.last_mut().unwrap().retired_at = Some(now.after(PUBLISHED_FIRST));
                keys.push(made(now.0));
            }
        }
        keys
    }

    /// The keys that existed at a moment, in their state at that moment.
    fn seen(keys: &[Span], at: Timestamp) -> Vec<Span> {
        let known = keys.iter().filter(|key| key.created_at <= at);
        let retired =
            |key: &Span| key.retired_at.filter(|it| it.0 - seconds(PUBLISHED_FIRST) <= at.0);
        known.map(|key| Span { retired_at: retired(key), ..*key }).collect()
    }

    #[test]
    fn a_key_is_published_then_signs_then_verifies_then_expires() {
        let keys = life(&[1_000]);
        let states =
            |now| keys.iter().map(|key| state(*key, &keys, Timestamp(now))).collect::<Vec<_>>();
        let signs_from = 1_000 + seconds(PUBLISHED_FIRST);
        let until = Timestamp(signs_from + seconds(VERIFIES_FOR));
        assert_eq!(states(1_000), [KeyState::Signs, KeyState::Published(Timestamp(signs_from))]);
        assert_eq!(states(signs_from - 1), states(1_000));
        assert_eq!(states(signs_from), [KeyState::Verifies(until), KeyState::Signs]);
        assert_eq!(states(until.0 - 1), states(signs_from));
        assert_eq!(states(until.0), [KeyState::Over, KeyState::Signs]);
        assert!(CACHED_FOR < PUBLISHED_FIRST);
    }

    proptest! {
        #[test]
        fn one_key_signs_and_its_tokens_verify_until_they_expire(
            mut moments in prop::collection::vec(0..100_000_i64, 0..12),
            now in 0..200_000_i64,
            behind in 0..300_i64,
            lives in 0..3_600_i64,
        ) {
            moments.sort_unstable();
            let keys = life(&moments);
            // One instance read the keys earlier and signs; another reads them when the token arrives.
            let looked = Timestamp((now - behind).max(0));
            let old = seen(&keys, looked);
            let signing: Vec<_> =
                old.iter().filter(|key| state(**key, &old, Timestamp(now)) == KeyState::Signs).collect();
            prop_assert_eq!(signing.len(), 1);
            let created_at = signing[0].created_at;
            for (at, looked) in [(now, now), (now, (now - behind).max(0)), (now + lives, now + lives)] {
                let known = seen(&keys, Timestamp(looked));
                let key = known.iter().find(|key| key.created_at == created_at);
                prop_assert!(key.is_some_and(|key| state(*key, &known, Timestamp(at)) != KeyState::Over));
            }
        }
    }
}
