//! All variables, by subject.

use super::variable::{Group, Variable};
use super::{accounts, apps, data, email, operation, sessions, site};

/// In the order of the documentation.
pub const GROUPS: [Group; 8] = [
    Group { title: "Site", variables: &site::SITE },
    Group { title: "Look and language", variables: &site::LOOK },
    Group { title: "Data", variables: &data::DATA },
    Group { title: "Email", variables: &email::EMAIL },
    Group { title: "Accounts and passwords", variables: &accounts::ACCOUNTS },
    Group { title: "Sessions and tokens", variables: &sessions::SESSIONS },
    Group { title: "Apps and reverse proxies", variables: &apps::APPS },
    Group { title: "Operation", variables: &operation::OPERATION },
];

pub fn all() -> impl Iterator<Item = &'static Variable> {
    GROUPS.iter().flat_map(|group| group.variables)
}

/// The variable with this name, which the table must have.
pub fn named(name: &str) -> &'static Variable {
    let found = all().find(|variable| variable.name == name);
    found.unwrap_or_else(|| panic!("{name} is missing in the table of variables"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mail::TRANSPORTS;

    #[test]
    fn every_variable_is_in_the_table_once() {
        let names: BTreeSet<_> = all().map(|it| it.name).collect();
        assert_eq!(names.len(), all().count());
        for transport in &TRANSPORTS {
            for name in transport.variables {
                assert!(names.contains(name), "{name}");
            }
        }
    }
}
