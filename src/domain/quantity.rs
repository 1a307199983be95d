//! Numbers of things in words.

use std::fmt::Display;

/// The number with its noun in singular or plural: `1 account`, `2 accounts`, `0 accounts`.
#[must_use]
pub fn counted(count: impl Display, one: &str, many: &str) -> String {
    let count = count.to_string();
    let noun = if count == "1" { one } else { many };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        for (count, words) in [
            (0, "0 entries"),
            (1, "1 entry"),
            (2, "2 entries"),
            (11, "11 entries"),
            (21, "21 entries"),
        ] {
            assert_eq!(counted(count, "entry", "entries"), words);
        }
    }
}
