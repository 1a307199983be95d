//! Paths of a guarded app that need no sign-in.

use percent_encoding::percent_decode_str;

use crate::domain::gate::reserved::is_reserved;

/// A path and everything below it, such as `/hooks`: `/hooks` and `/hooks/x`, but not `/hooks2`.
///
/// Proxies and apps decode paths, merge slashes and resolve dots, each in its own way. So only a path with a single reading can match. All
/// others need a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicPath(String);

impl PublicPath {
    /// Parses a path. `/hooks/` and `/hooks/*` mean the same as `/hooks`. The error completes a sentence that begins with the path.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let path = text.strip_suffix("/*").or_else(|| text.strip_suffix('/')).unwrap_or(text);
        if !text.starts_with('/') {
            return Err("must begin with a slash, without scheme and host, such as /hooks");
        }
        if path.is_empty() {
            return Err("would open the whole app: name a path below it, such as /hooks");
        }
        if is_reserved(path) || path == "/_authflow" || path.starts_with("/_authflow/") {
            return Err("belongs to the gate");
        }
        let is_literal = |c: char| c.is_ascii_alphanumeric() || "/-._~@:+=,".contains(c);
        if !path.chars().all(is_literal) {
            return Err(
                "may contain only letters, digits and -._~@:+=, between its slashes, and /* at its end",
            );
        }
        if !has_one_reading(path) || path.ends_with('/') {
            return Err("must not contain empty segments, '.' or '..'");
        }
        Ok(Self(path.to_owned()))
    }

    /// The path, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this path of a request, as the client sent it, is the path or below it.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        let below = path.strip_prefix(&self.0);
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
            && has_one_reading(path)
    }
}

/// Whether all programs understand a path in the same way.
fn has_one_reading(path: &str) -> bool {
    let Some(inside) = path.strip_prefix('/') else { return false };
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    inside.split('/').all(|segment| {
        // `;` begins a parameter for some apps, which then read `..;` as `..`.
        let is_visible = |byte: u8| byte.is_ascii_graphic() && !b"\\;?#".contains(&byte);
        let decoded = percent_decode_str(segment).decode_utf8();
        segment.bytes().all(is_visible)
            && decoded.is_ok_and(|decoded| {
                // A percent sign is left by an invalid or double encoding.
                let is_special = |c: char| c.is_control() || "/\\;%?#".contains(c);
                !decoded.contains(is_special) && !decoded.chars().all(|c| c == '.')
            })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn opened(public: &str, path: &str) -> bool {
        PublicPath::parse(public).unwrap().contains(path)
    }

    #[test]
    fn a_path_opens_itself_and_what_is_below_it() {
        for public in ["/share", "/share/", "/share/*"] {
            assert_eq!(PublicPath::parse(public).unwrap().as_str(), "/share");
            for path in [
                "/share",
                "/share/",
                "/share/abc",
                "/share/a/b.c/",
                "/share/My%20File%20(1).pdf",
                "/share/%C3%A4",
                "/share/...x",
                "/share/a=b&c'd!*,~",
            ] {
                assert!(opened(public, path), "{public} {path}");
            }
        }
        assert!(opened("/api/v1.0/health", "/api/v1.0/health"));
        assert!(!opened("/api/v1.0/health", "/api/v1x0/health"));
    }

    #[test]
    fn no_other_path_is_opened() {
        for path in [
            "/",
            "",
            "/shared-secrets",
            "/share2",
            "/share.html",
            "/Share",
            "/admin",
            "/admin/share",
            "//share",
            "/./share",
            "/%73hare",
            "/admin/../share",
            "/share/../admin",
            "/share/..",
            "/share/.",
            "/share/./x",
            "/share/...",
            "/share//x",
            "/share//../admin",
            "/share/%2e%2e/admin",
            "/share/.%2E/admin",
            "/share/%2e",
            "/share%2f..%2fadmin",
            "/share/..%2fadmin",
            "/share/..%5cadmin",
            "/share/..\\admin",
            "/share\\..\\admin",
            "/share/..;/admin",
            "/share/..;x=y/admin",
            "/share/..%3b/admin",
            "/share;/../admin",
            "/share/%252e%252e/admin",
            "/share/%c0%ae%c0%ae/admin",
            "/share/%",
            "/share/%zz",
            "/share/x%00",
            "/share/x%0a",
            "/share/x#/../../admin",
            "/share/x%23",
            "/share/x%3f",
            "/share/x y",
            "/share/ä",
            "/share/%e4",
            "https://app.example.org/share",
        ] {
            assert!(!opened("/share", path), "{path}");
        }
    }

    #[test]
    fn bad_paths_are_refused_with_a_reason() {
        for (text, reason) in [
            ("", "begin with a slash"),
            ("share", "begin with a slash"),
            ("https://app.example.org/share", "begin with a slash"),
            ("*", "begin with a slash"),
            ("/", "whole app"),
            ("/*", "whole app"),
            ("/.authflow", "belongs to the gate"),
            ("/.authflow/ticket", "belongs to the gate"),
            ("/.AUTHFLOW/*", "belongs to the gate"),
            ("/x/../.authflow", "belongs to the gate"),
            ("/_authflow/gate", "belongs to the gate"),
            ("/share*", "only letters"),
            ("/*/share", "only letters"),
            ("/share?x=y", "only letters"),
            ("/share#x", "only letters"),
            ("/a b", "only letters"),
            ("/a%20b", "only letters"),
            ("/ä", "only letters"),
            ("/a\nb", "only letters"),
            ("/a'b", "only letters"),
            ("/a;b", "only letters"),
            ("/a$b", "only letters"),
            ("//share", "empty segments"),
            ("//", "empty segments"),
            ("/share//*", "empty segments"),
            ("/a/../b", "empty segments"),
            ("/a/.", "empty segments"),
        ] {
            let refused = PublicPath::parse(text).unwrap_err();
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }

    /// The path as an app reads it that decodes it this often, knows both kinds of slashes, drops parameters and resolves dots.
    fn as_read(path: &str, decodings: usize) -> String {
        let mut path = path.to_owned();
        for _ in 0..decodings {
            path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        }
        let path = path.split(['?', '#', '\0']).next().unwrap_or_default().to_owned();
        let mut read = Vec::new();
        for segment in path.split(['/', '\\']) {
            match segment.split(';').next().unwrap_or_default() {
                "" | "." => {}
                ".." => _ = read.pop(),
                segment => read.push(segment.to_owned()),
            }
        }
        format!("/{}", read.join("/"))
    }

    proptest! {
        #[test]
        fn a_public_path_is_below_the_opened_one_in_every_reading(
            path in "/share(/|\\\\|;|%|%2[fFeE5]|%5[cC]|%3[bB]|%00|%c0%ae|\\.|\\.\\.|[a?#x]|admin){0,9}",
        ) {
            if opened("/share", &path) {
                for decodings in 0..4 {
                    let read = as_read(&path, decodings);
                    prop_assert!(read == "/share" || read.starts_with("/share/"), "{} {}", path, read);
                }
            }
        }
    }
}
