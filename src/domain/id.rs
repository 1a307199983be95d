//! IDs: UUID v7 (RFC 9562), ordered by time. They are not secret.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::clock::Timestamp;
use crate::domain::typed_text;
use crate::secret;

/// The time in the latest ID.
static LATEST: AtomicU64 = AtomicU64::new(0);

/// Makes an ID that sorts after all earlier ones of this process. Within one second, the milliseconds are a counter and not a measured
/// time (RFC 9562, section 6.2).
#[must_use]
pub fn new(now: Timestamp) -> Uuid {
    let milliseconds = u64::try_from(now.0).unwrap_or(0).saturating_mul(1_000);
    let next = |latest: u64| Some(milliseconds.max(latest + 1));
    let latest = LATEST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    let milliseconds = latest.map_or(milliseconds, |latest| milliseconds.max(latest + 1));
    Builder::from_unix_timestamp_millis(milliseconds, &secret::random()).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a new ID.
            #[must_use]
            pub fn new(now: Timestamp) -> Self {
                Self(new(now))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A user. The ID is not reused after the account is deleted (ASVS 10.3.3).
    UserId;
    /// A session.
    SessionId;
    /// An invitation.
    InvitationId;
    /// The link that makes the first administrator.
    FirstAdministratorLinkId;
    /// A queued email. The ID stays the same on every retry.
    MailId;
}

impl UserId {
    /// Reads an ID that a person typed or pasted, in the form that authflow shows. The other forms of a UUID do not count: 32 hexadecimal
    /// digits without hyphens can be the handle of another account.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        /// The length with hyphens.
        const LENGTH: usize = 36;
        let text = typed_text::visible(text);
        if text.len() == LENGTH { Uuid::parse_str(&text).ok().map(Self) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_with_hyphens_is_typed_as_an_id() {
        let id = UserId::new(Timestamp(1_795_415_400));
        assert_eq!(UserId::typed(&format!(" {id}\u{200b}")), Some(id));
        assert_eq!(UserId::typed(&id.to_string().to_uppercase()), Some(id));
        for other in [id.0.simple().to_string(), id.0.braced().to_string(), id.0.urn().to_string()]
        {
            assert_eq!(UserId::typed(&other), None, "{other}");
        }
    }

    #[test]
    fn ids_sort_in_the_order_of_creation_even_within_a_second_or_after_the_clock_was_set_back() {
        let now = Timestamp(1_795_415_400);
        let ids: Vec<Uuid> = (0..5_000).map(|n| new(Timestamp(now.0 - n % 3))).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
