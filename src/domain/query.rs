//! Query strings, still percent-encoded.

use percent_encoding::percent_decode_str;

/// Whether the decoded text is valid: UTF-8 without NUL, as in forms. PostgreSQL stores no other text, and a parser that replaces bad
/// bytes would check another value than the one that was sent.
#[must_use]
pub fn is_readable(encoded: &str) -> bool {
    percent_decode_str(encoded).decode_utf8().is_ok_and(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_utf_8_without_nul() {
        for text in ["", "search=a+b&role=%C3%A4", "to=%2F", "100%", "%zz", "%2500", "ä"] {
            assert!(is_readable(text), "{text}");
        }
        for text in ["search=%00", "%ff", "/a/%C3", "a=%C3&b=%A4", "%ED%A0%80", "%C0%AF", "a\0"] {
            assert!(!is_readable(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn encoded_text_is_readable(text in "[^\0]{0,40}") {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            prop_assert!(is_readable(&encoded));
        }
    }
}
