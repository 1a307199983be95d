//! The list of users: filters, order and cursors.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::id::UserId;
use crate::domain::typed_text;

/// How the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest account first.
    #[default]
    Newest,
    /// By display name.
    Name,
    /// By address.
    Address,
    /// The most recent sign-in first, accounts without one last.
    LastSignIn,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Newest, Self::Name, Self::Address, Self::LastSignIn];

    /// The name in URLs and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Name => "name",
            Self::Address => "email",
            Self::LastSignIn => "last-sign-in",
        }
    }

    /// The order with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }

    /// The cursor before the first account.
    #[must_use]
    pub fn start(self) -> UserCursor {
        match self {
            Self::Newest | Self::LastSignIn => {
                UserCursor { key: SortKey::Time(i64::MAX), id: UserId(Uuid::max()) }
            }
            Self::Name | Self::Address => {
                UserCursor { key: SortKey::Text(String::new()), id: UserId(Uuid::nil()) }
            }
        }
    }
}

/// The state of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum UserStanding {
    /// It can sign in.
    Active,
    /// An administrator has to accept it.
    Waiting,
    /// Its address is not confirmed.
    Unverified,
    /// An administrator has disabled it.
    Disabled,
}

impl UserStanding {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Waiting, Self::Unverified, Self::Disabled];

    /// Whether the account is disabled.
    #[must_use]
    pub fn is_disabled(self) -> bool {
        self == Self::Disabled
    }

    /// The name in URLs and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Unverified => "unverified",
            Self::Disabled => "disabled",
        }
    }

    /// The state of an account with these times.
    #[must_use]
    pub fn of(
        disabled_at: Option<Timestamp>,
        awaits_approval_since: Option<Timestamp>,
        email_verified_at: Option<Timestamp>,
    ) -> Self {
        if disabled_at.is_some() {
            Self::Disabled
        } else if awaits_approval_since.is_some() {
            Self::Waiting
        } else if email_verified_at.is_none() {
            Self::Unverified
        } else {
            Self::Active
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// The accounts to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Part of the address, name or handle, ignoring case; empty for all accounts.
    pub search: String,
    /// Only accounts in this state.
    pub standing: Option<UserStanding>,
    /// Only accounts with this role. An unknown role gives an empty list.
    pub role: Option<String>,
    /// Only accounts with or without 2FA.
    pub second_factor: Option<bool>,
}

impl UserFilter {
    /// The search as a pattern for `LIKE … ESCAPE '!'`.
    #[must_use]
    pub fn pattern(&self) -> Option<String> {
        let text = typed_text::search(&self.search).to_lowercase();
        if text.is_empty() {
            return None;
        }
        let mut pattern = String::from("%");
        for c in text.chars() {
            if matches!(c, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(c);
        }
        pattern.push('%');
        Some(pattern)
    }
}

/// The value by which a list is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// Seconds since 1970.
    Time(i64),
    /// A name or an address, for comparison.
    Text(String),
}

/// A position in the list: after this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCursor {
    /// The account's sort key.
    pub key: SortKey,
    /// Orders accounts with the same sort key.
    pub id: UserId,
}

impl UserCursor {
    /// Parses a cursor from a URL.
    #[must_use]
    pub fn parse(order: Order, text: &str) -> Option<Self> {
        let (id, key) = text.split_once('~')?;
        let id = UserId(Uuid::parse_str(id).ok()?);
        let key = match order {
            Order::Newest | Order::LastSignIn => SortKey::Time(key.parse().ok()?),
            Order::Name | Order::Address => SortKey::Text(key.to_owned()),
        };
        Some(Self { key, id })
    }
}

impl std::fmt::Display for UserCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.key {
            SortKey::Time(key) => write!(f, "{}~{key}", self.id),
            SortKey::Text(key) => write!(f, "{}~{key}", self.id),
        }
    }
}

/// An account as shown in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedUser {
    /// Orders accounts that are otherwise equal.
    pub id: UserId,
    /// The address as its owner typed it.
    pub email: EmailAddress,
    /// The display name.
    pub username: Username,
    /// The name that apps know the account by. `None` for a sign-up that is unconfirmed or awaiting approval.
    pub handle: Option<Handle>,
    /// The name for sorting.
    pub name_key: String,
    /// When the account or sign-up was created.
    pub created_at: Timestamp,
    /// `None` for an unconfirmed sign-up.
    pub activated_at: Option<Timestamp>,
    /// When the address was confirmed.
    pub email_verified_at: Option<Timestamp>,
    /// Since when it has been awaiting approval by an administrator.
    pub awaits_approval_since: Option<Timestamp>,
    /// When an administrator disabled it.
    pub disabled_at: Option<Timestamp>,
    /// `None` before the first sign-in.
    pub last_sign_in_at: Option<Timestamp>,
    /// Whether 2FA is on.
    pub second_factor: bool,
    /// The roles, sorted, separated by commas.
    pub roles: Option<String>,
}

impl ListedUser {
    /// Its position in the list.
    #[must_use]
    pub fn place(&self, order: Order) -> UserCursor {
        let key = match order {
            Order::Newest => SortKey::Time(self.created_at.0),
            Order::LastSignIn => SortKey::Time(self.last_sign_in_at.map_or(0, |at| at.0)),
            Order::Name => SortKey::Text(self.name_key.clone()),
            Order::Address => SortKey::Text(self.email.key().as_str().to_owned()),
        };
        UserCursor { key, id: self.id }
    }

    /// Its state.
    #[must_use]
    pub fn standing(&self) -> UserStanding {
        UserStanding::of(self.disabled_at, self.awaits_approval_since, self.email_verified_at)
    }

    /// The roles as separate names.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.as_deref().unwrap_or_default().split(',').filter(|role| !role.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_can_be_parsed_again() {
        assert!(Order::ALL.iter().all(|it| Order::named(it.name()) == Some(*it)));
        assert!(UserStanding::ALL.iter().all(|it| UserStanding::named(it.name()) == Some(*it)));
        assert_eq!((Order::named("x"), UserStanding::named("")), (None, None));
    }

    #[test]
    fn wildcards_in_a_search_are_escaped() {
        let pattern =
            |search: &str| UserFilter { search: search.into(), ..UserFilter::default() }.pattern();
        assert_eq!(pattern(" Ada_L%! "), Some("%ada!_l!%!!%".into()));
        assert_eq!(pattern("  "), None);
    }

    #[test]
    fn invalid_cursors_are_refused() {
        for text in ["", "~", "x~1", "019adf6b-1c40-7000-8000-00000000beef"] {
            assert_eq!(UserCursor::parse(Order::Name, text), None, "{text}");
        }
        assert_eq!(
            UserCursor::parse(Order::Newest, "019adf6b-1c40-7000-8000-00000000beef~x"),
            None
        );
    }

    proptest! {
        #[test]
        fn cursors_can_be_parsed_again(id in any::<u128>(), time in any::<i64>(), name in any::<String>()) {
            let id = UserId(Uuid::from_u128(id));
            for (order, key) in [(Order::Newest, SortKey::Time(time)), (Order::Name, SortKey::Text(name.clone()))] {
                let place = UserCursor { key, id };
                prop_assert_eq!(UserCursor::parse(order, &place.to_string()), Some(place));
            }
        }
    }
}
