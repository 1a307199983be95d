//! The names of the variables: which are authflow's, and which only look like it.

use super::table::all;

/// `(variable, its replacement in DATABASE_URL)`: variables that libraries read themselves, only from the environment.
pub const ENVIRONMENT_ONLY: [(&str, Option<&str>); 14] = [
    ("PGHOST", Some("host")),
    ("PGHOSTADDR", Some("hostaddr")),
    ("PGPORT", Some("port")),
    ("PGUSER", Some("user")),
    ("PGPASSWORD", Some("password")),
    ("PGPASSFILE", None),
    ("PGDATABASE", Some("dbname")),
    ("PGOPTIONS", Some("options")),
    ("PGSSLMODE", Some("sslmode")),
    ("PGSSLROOTCERT", Some("sslrootcert")),
    ("PGSSLCERT", Some("sslcert")),
    ("PGSSLKEY", Some("sslkey")),
    ("SSL_CERT_FILE", None),
    ("SSL_CERT_DIR", None),
];

/// Whether authflow, or a library that it uses, reads this variable.
#[must_use]
pub fn is_known(name: &str) -> bool {
    let of_file = name.strip_suffix(FILE).unwrap_or_default();
    known().any(|known| known == name || known == of_file)
}

/// The variables that authflow reads, each also as [`file_variable`].
pub fn known() -> impl Iterator<Item = &'static str> {
    all().map(|variable| variable.name)
}

/// The variable with the path of a file that holds the value of `name`.
pub fn file_variable(name: &str) -> String {
    format!("{name}{FILE}")
}

const FILE: &str = "_FILE";

/// A warning about an unknown variable, if it looks like one of authflow's.
pub fn warning_about(name: &str) -> Option<String> {
    if is_known(name) {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    let bare = upper.strip_prefix("AUTHFLOW_").unwrap_or(&upper);
    let has_prefix = bare != upper;
    // The name itself is unknown, so one that is equal in capitals has another case.
    let is_near = |known: &str| bare == known || is_misspelled(bare, known);
    let of_file = || known().map(file_variable).find(|it| is_near(it));
    match known().find(|it| is_near(it)).map(ToOwned::to_owned).or_else(of_file) {
        Some(near) => Some(format!(
            "{name} is not a variable of authflow and has no effect; did you mean {near}?"
        )),
        None if has_prefix => {
            Some(format!("{name} is not a variable of authflow and has no effect."))
        }
        None => None,
    }
}

/// Whether `name` is most likely a typo of `known`. In short names, only two swapped letters count: too many variables are similar to `PORT`.
fn is_misspelled(name: &str, known: &str) -> bool {
    let distance = strsim::damerau_levenshtein(name, known);
    if known.len() < 8 {
        return distance == 1 && name.len() == known.len() && letters(name) == letters(known);
    }
    distance <= 2 || singular(name) == singular(known)
}

fn letters(name: &str) -> Vec<u8> {
    let mut letters = name.as_bytes().to_vec();
    letters.sort_unstable();
    letters
}

fn singular(name: &str) -> String {
    match name.strip_suffix("IES") {
        Some(stem) => format!("{stem}Y"),
        None => name.strip_suffix('S').unwrap_or(name).to_owned(),
    }
}

/// Whether only the environment counts for this variable. If so, the other ways to set it, as the end of a sentence.
pub fn environment_only(name: &str) -> Option<String> {
    let (_, parameter) = ENVIRONMENT_ONLY.into_iter().find(|(known, _)| *known == name)?;
    Some(parameter.map(|it| format!(", or write {it}= in DATABASE_URL")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_is_the_file_of_another_one() {
        assert!(known().all(|name| known().all(|other| other != file_variable(name))));
    }
}
