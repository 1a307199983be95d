//! Ids: UUID v7 (RFC 9562), ordered by time. They name things; none of them is a secret.

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::clock::Timestamp;
use crate::secret;

/// Makes a new id.
#[must_use]
pub fn new(now: Timestamp) -> Uuid {
    let milliseconds = u64::try_from(now.0).unwrap_or(0).saturating_mul(1_000);
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
            /// Makes a new one.
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
    /// Names a user, for ever: never used again after the account is gone (ASVS 10.3.3).
    UserId;
    /// Names a session.
    SessionId;
    /// Names a mail from the moment it is asked for; stays the same on every retry.
    MailId;
}
