//! Logo, color, address for help and links of the footer.

use super::{problems, read};
use crate::looks::{Accent, Color, Looks};

fn looks(variables: &[(&str, &str)]) -> Looks {
    read(variables).unwrap().config.looks
}

#[test]
fn without_settings_the_look_is_ours() {
    let found = looks(&[]);
    assert_eq!(found.accent.light.fill.to_string(), "#2457c5");
    assert!(found.logo.is_none() && found.support_email.is_none());
    assert!(found.footer_links.is_empty());
}

#[test]
fn a_logo_is_an_image_that_browsers_show() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logo");
    let path = path.to_str().unwrap();
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for (content, media_type) in [(svg, "image/svg+xml"), ("\u{89}PNG", "image/png")] {
        let png = b"\x89PNG\r\n\x1a\n";
        let content = if media_type == "image/png" { &png[..] } else { content.as_bytes() };
        std::fs::write(path, content).unwrap();
        let logo = looks(&[("SITE_LOGO", path)]).logo.unwrap();
        assert_eq!((logo.format.media_type(), &logo.content[..]), (media_type, content));
    }
    let large = format!("{svg}{}", " ".repeat(64 * 1_024));
    for (content, why) in [
        ("GIF89a", "is neither a PNG image nor an SVG image in UTF-8."),
        ("<svg/>", "to its <svg>."),
        (&large, "has more than 64 KiB; use a smaller image."),
    ] {
        std::fs::write(path, content).unwrap();
        let [problem] = &problems(&[("SITE_LOGO", path)])[..] else { panic!() };
        let start = format!("SITE_LOGO names {path}, which ");
        assert!(problem.starts_with(&start) && problem.ends_with(why), "{problem}");
    }
    // A relative path is in the working directory, and the problem says which one that is.
    let folder = std::env::current_dir().unwrap();
    let shown = folder.join("no-such-folder/logo.svg");
    let [problem] = &problems(&[("SITE_LOGO", "no-such-folder/logo.svg")])[..] else { panic!() };
    let expected =
        format!("SITE_LOGO names {}, which cannot be read: No such file", shown.display());
    assert!(problem.starts_with(&expected), "{problem}");
    let [problem] = &problems(&[("SITE_LOGO", folder.to_str().unwrap())])[..] else { panic!() };
    assert!(problem.contains("Is a directory"), "{problem}");
}

#[test]
fn links_that_need_another_color_are_reported() {
    let set = |text: &str| {
        let loaded = read(&[("ACCENT_COLOR", text)]).unwrap();
        (loaded.config.looks.accent, loaded.warnings)
    };
    for text in ["#2457c5", "#2457C5", "#767676", "#000000"] {
        assert_eq!(set(text), (Accent::of(Color::parse(text).unwrap()), vec![]));
    }
    for (text, warning) in [
        (
            "#ffee00",
            "ACCENT_COLOR=#ffee00 has a contrast of 1.2 to white, and links need 4.5. They use #746c00 instead.",
        ),
        (
            "#777777",
            "ACCENT_COLOR=#777777 has a contrast of 4.4 to white, and links need 4.5. They use #6a6a6a instead.",
        ),
    ] {
        let (accent, warnings) = set(text);
        assert_eq!(accent.light.fill.to_string(), text);
        assert_eq!(warnings, [warning]);
    }
    for text in ["2457c5", "blue", "#fff", "rgb(0, 0, 0)"] {
        assert_eq!(
            problems(&[("ACCENT_COLOR", text)]),
            ["ACCENT_COLOR must be # and six hexadecimal digits, such as #2457c5."],
            "{text}"
        );
    }
}

#[test]
fn help_is_at_an_email_address() {
    let found = looks(&[("SUPPORT_EMAIL", "Help@Example.ORG")]).support_email.unwrap();
    assert_eq!(found.as_str(), "Help@example.org");
    for text in [
        "example.org",
        "https://example.org/help",
        "mailto:help@example.org",
        "Help <help@example.org>",
    ] {
        let [problem] = &problems(&[("SUPPORT_EMAIL", text)])[..] else { panic!("{text}") };
        assert!(problem.starts_with("SUPPORT_EMAIL is not an email address"), "{text}: {problem}");
    }
}

#[test]
fn footer_links_have_names_and_web_addresses() {
    let links = |text: &str| {
        let links = looks(&[("FOOTER_LINKS", text)]).footer_links;
        links.into_iter().map(|it| (it.name, it.url)).collect::<Vec<_>>()
    };
    let pair = |name: &str, url: &str| (name.to_owned(), url.to_owned());
    assert_eq!(
        links(
            "Imprint=https://Example.org , Terms & more = http://example.org/t?a=b%2Cc=https://x#y,"
        ),
        [
            pair("Imprint", "https://example.org/"),
            pair("Terms & more", "http://example.org/t?a=b%2Cc=https://x#y"),
        ]
    );
    let eight = ["A=https://example.org"; 8].join(",");
    assert_eq!(links(&eight).len(), 8);
    let comma = "Write a comma in a URL as %2C.";
    for (text, why) in [
        ("Imprint", comma),
        ("https://example.org", comma),
        ("https://example.org?a=b", comma),
        ("A=example.org", comma),
        ("A=/imprint", comma),
        ("A=mailto:help@example.org", comma),
        ("A=javascript:alert(1)", comma),
        ("A=https://example.org/a,b", comma),
        ("A=B=https://example.org", comma),
        ("A=https://", comma),
        ("=https://example.org", "has no name before a =."),
        ("A\u{7}=https://example.org", "or contains a control character."),
        (&format!("{}=https://example.org", "A".repeat(41)), "or contains a control character."),
        (&format!("{eight},A=https://example.org"), "has 9 links, but at most 8 fit; remove some."),
    ] {
        let [problem] = &problems(&[("FOOTER_LINKS", text)])[..] else { panic!("{text}") };
        assert!(
            problem.starts_with("FOOTER_LINKS ") && problem.ends_with(why),
            "{text}: {problem}"
        );
    }
}
