//! The look of pages and emails.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, absolute};

use url::Url;

use super::names::split_name;
use super::reader::Reader;
use crate::domain::account::email::EmailAddress;
use crate::file_access;
use crate::looks::{Accent, Color, FooterLink, LARGEST_LOGO, Logo, Looks};

const MOST_LINKS: usize = 8;

pub fn read(reader: &mut Reader) -> Looks {
    let logo = reader.optional("SITE_LOGO", |path| logo(Path::new(path)));
    let support_email = reader.optional("SUPPORT_EMAIL", |text| {
        let why = "is not an email address; write one, such as help@example.org";
        EmailAddress::parse(text).map_err(|_| why.to_owned())
    });
    Looks {
        accent: accent(reader),
        logo: logo.map(Into::into),
        support_email,
        footer_links: reader.optional("FOOTER_LINKS", footer_links).unwrap_or_default(),
    }
}

fn accent(reader: &mut Reader) -> Accent {
    let color = reader.optional("ACCENT_COLOR", |text| {
        let why = "must be # and six hexadecimal digits, such as #2457c5";
        Color::parse(text).ok_or_else(|| why.to_owned())
    });
    let Some(color) = color else { return Accent::default() };
    let accent = Accent::of(color);
    if accent.is_too_pale_for_links() {
        // Rounded down, so that 4.49 is not shown as enough.
        let contrast = (color.contrast(Color::WHITE) * 10.0).floor() / 10.0;
        reader.warn(format!(
            "ACCENT_COLOR={color} has a contrast of {contrast:.1} to white, and links need 4.5. They use {} instead.",
            accent.light.text
        ));
    }
    accent
}

fn logo(path: &Path) -> Result<Logo, String> {
    // The working directory is not always the expected one.
    let shown = absolute(path).unwrap_or_else(|_| path.to_owned());
    let names = format!("names {}, which", shown.display());
    let content = content(path).map_err(|error| {
        format!("{names} cannot be read: {}", file_access::explain(path, &error))
    })?;
    Logo::parse(content).map_err(|why| format!("{names} {why}"))
}

/// The content of a file, but not much more than a logo may have.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let most = u64::try_from(LARGEST_LOGO).map_or(u64::MAX, |most| most + 1);
    File::open(path)?.take(most).read_to_end(&mut content)?;
    Ok(content)
}

fn footer_links(text: &str) -> Result<Vec<FooterLink>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let links = parts.map(footer_link).collect::<Result<Vec<_>, _>>()?;
    if links.len() > MOST_LINKS {
        return Err(format!(
            "has {} links, but at most {MOST_LINKS} fit; remove some",
            links.len()
        ));
    }
    Ok(links)
}

fn footer_link(text: &str) -> Result<FooterLink, String> {
    let (name, url) = split_name(text)?;
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match (name, url) {
        (Some(name), Some(url)) => Ok(FooterLink { name: name.to_owned(), url: url.into() }),
        _ => Err(
            "must be links separated by commas, such as Imprint=https://example.org/imprint: each with a name without = and an http or \
             https URL. Write a comma in a URL as %2C"
                .into(),
        ),
    }
}
