//! The site itself, and its look.

use super::variable::Variable;
use crate::i18n::languages::ENGLISH;

const ON_OR_OFF: [(&str, &str); 2] = [
    ("off", "only the host of `PUBLIC_URL` requires https."),
    (
        "on",
        "browsers use https for all hosts below that of `PUBLIC_URL` as well. Hosts without https stop working in them.",
    ),
];

pub const SITE: [Variable; 4] = [
    Variable::text(
        "PUBLIC_URL",
        "The URL that browsers use. It may have a path, such as `https://example.org/id`. With https, cookies are `Secure` and HSTS is on: browsers then refuse plain http for this host. \
         Links in emails begin with it.",
    )
    .derived("`http://localhost:` and `PORT`")
    .example("https://login.example.org"),
    Variable::text(
        "HOST",
        "The IP address to listen on. `0.0.0.0` accepts connections from other machines, for example in a container.",
    )
    .fixed("127.0.0.1"),
    Variable::number(
        "PORT",
        0..=65_535,
        "The port to listen on. `0` takes any free port and requires `PUBLIC_URL`.",
    )
    .fixed("5000"),
    Variable::words(
        "HSTS_INCLUDE_SUBDOMAINS",
        &ON_OR_OFF,
        "Whether HSTS includes subdomains. It has an effect only with an https `PUBLIC_URL` that has a host name.",
    )
    .fixed("off"),
];

pub const LOOK: [Variable; 7] = [
    Variable::text(
        "SITE_NAME",
        "The name of the site in pages and emails: 60 characters at most.",
    )
    .fixed("authflow")
    .example("My Site"),
    Variable::text(
        "SITE_LOGO",
        "The path of the logo: an SVG or PNG file of at most 64 KiB. Without it, pages have authflow's mark.",
    )
    .example("/etc/authflow/logo.svg"),
    Variable::text(
        "ACCENT_COLOR",
        "The color of buttons and links, as `#rrggbb`. If text could not be read in it, a darker or lighter shade is used. `authflow check` \
         names the shade of links if the color is too pale for white pages. YAML needs quotes around the value.",
    )
    .derived("`#2457c5`")
    .example("#2457c5"),
    Variable::text(
        "SUPPORT_EMAIL",
        "The email address where users get help. Pages and emails show it.",
    )
    .example("help@example.org"),
    Variable::text(
        "FOOTER_LINKS",
        "Links at the bottom of every page, separated by commas: eight at most. Each has a name of up to 40 characters without a comma or \
         `=`. Write a comma in a URL as `%2C`.",
    )
    .example("Imprint=https://example.org/imprint,Privacy=https://example.org/privacy"),
    Variable::text(
        "DEFAULT_LANGUAGE",
        "The language of visitors whose browser asks for no available language, and of emails to accounts without a language: `en` or `de`.",
    )
    .fixed(ENGLISH),
    Variable::text(
        "DEFAULT_TIME_ZONE",
        "The time zone of dates in pages and emails, unless the user has chosen one.",
    )
    .fixed("UTC")
    .example("Europe/Berlin"),
];
