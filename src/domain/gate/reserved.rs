//! The paths that belong to the gate on every guarded host.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The first segment of the paths that belong to the gate on every guarded host.
const RESERVED: &str = ".authflow";

/// The one path where a guarded host accepts tickets. The proxy passes it to us and never to the app.
pub const TICKET_PATH: &str = "/.authflow/ticket";

/// Whether the raw path of a URL is exactly the ticket path.
#[must_use]
pub fn is_ticket_address(address: &str) -> bool {
    let rest = address.split_once("://").map(|(_, rest)| rest);
    let at = rest.and_then(|rest| rest.find(['/', '\\', '?', '#']).and_then(|at| rest.get(at..)));
    let after = at.and_then(|path| path.strip_prefix(TICKET_PATH));
    after.is_some_and(|after| after.is_empty() || after.starts_with('?'))
}

/// How many times a path may be decoded between browser and app. Without this bound, a long `%252525…` would be expensive.
const MOST_DECODINGS: usize = 4;

/// Whether a path belongs to the gate. Proxies and apps decode paths, merge slashes and resolve dots, each in its own way. All of these
/// readings count.
#[must_use]
pub fn is_reserved(path: &str) -> bool {
    let mut path = Cow::Borrowed(path);
    for _ in 0..MOST_DECODINGS {
        if !path.contains('%') {
            break;
        }
        path = Cow::Owned(percent_decode_str(&path).decode_utf8_lossy().into_owned());
    }
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => _ = segments.pop(),
            segment => segments.push(segment),
        }
    }
    segments.first().is_some_and(|first| first.eq_ignore_ascii_case(RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_path_is_recognized_in_every_spelling() {
        for path in [
            "/.authflow",
            "/.authflow/",
            "/.authflow/ticket",
            "/.authflow/x/y",
            "//.authflow/ticket",
            "/./.authflow/ticket",
            "/x/../.authflow/ticket",
            "/%2eauthflow/ticket",
            "/%2Eauthflow%2Fticket",
            "/%252eauthflow/ticket",
            "/.%61uthflow/ticket",
            "/x%2f..%2f.authflow/ticket",
            "/\\.authflow/ticket",
            "/.AuthFlow/ticket",
            "/.authflow;x=y/ticket",
            "/;a/.authflow/ticket",
        ] {
            assert!(is_reserved(path), "{path}");
        }
        for path in [
            "/",
            "/authflow/ticket",
            "/x/.authflow/ticket",
            "/.authflows",
            "/..authflow/",
            "/a/%2e%2e/b",
        ] {
            assert!(!is_reserved(path), "{path}");
        }
    }

    #[test]
    fn the_ticket_path_has_one_spelling() {
        for (path, is_one) in [
            ("/.authflow/ticket", true),
            ("/.authflow/ticket?", true),
            ("/.authflow/ticket?ticket=x", true),
            ("/.authflow\\ticket", false),
            ("\\.authflow/ticket", false),
            ("/\\.authflow/ticket", false),
            ("/%2eauthflow/ticket", false),
            ("/x/../.authflow/ticket", false),
            ("//.authflow/ticket", false),
            ("/.authflow/ticket/", false),
            ("/.authflow/ticket#", false),
            ("/.authflow/tickets", false),
            ("/x?/.authflow/ticket", false),
            ("?/.authflow/ticket", false),
            ("", false),
        ] {
            let address = format!("https://app.example.org{path}");
            assert_eq!(is_ticket_address(&address), is_one, "{path}");
        }
    }
}
