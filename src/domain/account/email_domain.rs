//! Which characters the domain of an email address can have, and where a domain that IDNA refuses is wrong.

/// Characters between two dots of a domain (RFC 1035, section 2.3.4).
pub(super) const LONGEST_LABEL: usize = 63;

/// Typographic characters, which are slips in a domain although UTS 46 has a form for them. `·` is part of Catalan names.
pub(super) fn is_punctuation(c: char) -> bool {
    let is_typographic = matches!(
        c,
        '\u{A1}'..='\u{BF}' | '\u{2010}'..='\u{205E}' | '\u{2E00}'..='\u{2E7F}' | '\u{3001}' | '\u{3003}'..='\u{303F}' | '\u{FE10}'..='\u{FE6F}'
    );
    is_typographic && !c.is_alphanumeric() && c != '·'
}

/// Where a domain that IDNA refuses is wrong: the offset of the first part that cannot stand there.
pub(super) fn fault_of_domain(domain: &str) -> Option<usize> {
    if let Some(at) = domain.find(|c| !is_of_domain(c)) {
        return Some(at);
    }
    let mut start = 0;
    for label in domain.split(is_dot) {
        if label.is_empty() {
            // The dot after an empty part or, at the end, the dot before it.
            return Some(if start < domain.len() {
                start
            } else {
                domain.trim_end_matches(is_dot).len()
            });
        }
        if idna::domain_to_ascii_strict(label).is_err() {
            let odd = label.find(|c: char| !c.is_ascii());
            let at = match odd {
                Some(at) => at,
                None if label.starts_with('-') => 0,
                None if label.ends_with('-') => label.len() - 1,
                None => label.find("--").unwrap_or(0),
            };
            return Some(start + at);
        }
        start +=
            label.len() + domain[start + label.len()..].chars().next().map_or(0, char::len_utf8);
    }
    None
}

/// The dots that separate the parts of a domain (UTS 46).
pub(super) fn is_dot(c: char) -> bool {
    matches!(c, '.' | '。' | '．' | '｡')
}

/// Whether a domain may have the character between two letters.
pub(super) fn is_of_domain(c: char) -> bool {
    !is_punctuation(c)
        && (c.is_alphanumeric() || idna::domain_to_ascii_strict(&format!("a{c}a")).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_cannot_stand_there_is_found() {
        for (domain, at) in [
            ("-example.org", 0),
            ("example-.org", 7),
            ("ab--cd.org", 2),
            ("example.org-", 11),
            (".example.org", 0),
            ("example..org", 8),
            ("example.org.", 11),
            ("example.org。", 11),
            ("exam\u{660}ple.org", 4),
            ("\u{2488}com", 0),
            ("exam’ple.org", 4),
            ("a.b c.org", 3),
        ] {
            assert_eq!(fault_of_domain(domain), Some(at), "{domain}");
        }
        assert_eq!(fault_of_domain("example.org"), None);
    }

    #[test]
    fn typographic_characters_are_no_part_of_a_domain() {
        for c in "“”‘’«»–—…‧¡¿、〈〉".chars() {
            assert!(is_punctuation(c) && !is_of_domain(c), "{c}");
        }
        for c in "aéßł中ü·ªº0-".chars() {
            assert!(!is_punctuation(c), "{c}");
        }
    }
}
