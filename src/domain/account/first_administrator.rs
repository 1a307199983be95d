//! The link that makes the first administrator.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::id::FirstAdministratorLinkId;

/// How long the link works.
const LASTS: Duration = Duration::from_hours(24);

/// The link, without its secret.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FirstAdministratorLink {
    /// The token is computed from this ID.
    pub id: FirstAdministratorLinkId,
    /// When it was created.
    pub created_at: Timestamp,
}

impl FirstAdministratorLink {
    /// Whether it has not expired. A link that was created before the clock was set back has, because it would work for too long.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.created_at.is_within(LASTS, now)
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.after(LASTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_expires_after_a_day_and_when_the_clock_is_set_back() {
        let created_at = Timestamp(1_000_000);
        let link =
            FirstAdministratorLink { id: FirstAdministratorLinkId::new(created_at), created_at };
        for (seconds, is_live) in
            [(-31, false), (-30, true), (0, true), (86_399, true), (86_400, false)]
        {
            assert_eq!(link.is_live(Timestamp(created_at.0 + seconds)), is_live, "{seconds}");
        }
        assert_eq!(link.expires_at(), Timestamp(created_at.0 + 86_400));
    }
}
