//! A message in words: as HTML, or as plain text.

use std::fmt::{self, Write};

use askama::filters::{Html, HtmlSafe, escape};
use askama::{FastWritable, Values};

/// Characters that stand for markup in formatted text. They are noncharacters (Unicode 17, section 23.7), which are for internal use and
/// never part of an argument: see [`clean`].
pub(super) mod marker {
    pub const GROUP: char = '\u{fdd0}';
    pub const TEXT_START: char = '\u{fdd2}';
    pub const TEXT_END: char = '\u{fdd3}';
    pub const LINKS: [(char, char); 4] = [
        ('\u{fdd4}', '\u{fdd5}'),
        ('\u{fdd6}', '\u{fdd7}'),
        ('\u{fdd8}', '\u{fdd9}'),
        ('\u{fdda}', '\u{fddb}'),
    ];
    /// `(name, start, end, HTML of the start, HTML of the end)`
    pub const MARKS: [(&str, char, char, &str, &str); 3] = [
        ("address", '\u{fde0}', '\u{fde1}', "<span class=\"address\">", "</span>"),
        ("code", '\u{fde2}', '\u{fde3}', "<code>", "</code>"),
        ("strong", '\u{fde4}', '\u{fde5}', "<strong>", "</strong>"),
    ];

    pub fn is_marker(c: char) -> bool {
        ('\u{fdd0}'..='\u{fdef}').contains(&c)
    }
}

/// The text of an argument without characters that stand for markup.
pub(super) fn clean(text: &str) -> String {
    text.replace(marker::is_marker, "\u{fffd}")
}

/// A message in the words of one language. In a template it is HTML: everything in it is escaped but its own markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localized {
    raw: String,
    links: Vec<String>,
}

impl Localized {
    pub(super) fn new(raw: String, links: Vec<String>) -> Self {
        Self { raw, links }
    }

    /// As plain text, for attributes, emails and programs. Marks and links are left out.
    #[must_use]
    pub fn plain(&self) -> String {
        self.raw.replace(marker::is_marker, "")
    }

    /// As HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = String::with_capacity(self.raw.len() + 32);
        let _ = self.write(&mut html);
        html
    }

    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        for c in self.raw.chars() {
            match c {
                '&' => out.write_str("&#38;")?,
                '<' => out.write_str("&#60;")?,
                '>' => out.write_str("&#62;")?,
                '"' => out.write_str("&#34;")?,
                '\'' => out.write_str("&#39;")?,
                c if marker::is_marker(c) => self.write_markup(c, out)?,
                c => out.write_char(c)?,
            }
        }
        Ok(())
    }

    fn write_markup(&self, c: char, out: &mut dyn Write) -> fmt::Result {
        match c {
            marker::TEXT_START => return out.write_str("<bdi>"),
            marker::TEXT_END => return out.write_str("</bdi>"),
            _ => {}
        }
        for (number, (start, end)) in marker::LINKS.into_iter().enumerate() {
            if c == start {
                let href = self.links.get(number).map(String::as_str).unwrap_or_default();
                let href = escape(href, Html).map_err(|_| fmt::Error)?;
                return write!(out, "<a href=\"{href}\">");
            }
            if c == end {
                return out.write_str("</a>");
            }
        }
        for (_, start, end, opening, closing) in marker::MARKS {
            if c == start {
                return out.write_str(opening);
            }
            if c == end {
                return out.write_str(closing);
            }
        }
        Ok(())
    }
}

impl HtmlSafe for Localized {}

impl fmt::Display for Localized {
    /// HTML, as askama requires of a type that it does not escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl FastWritable for Localized {
    fn write_into(&self, out: &mut dyn Write, _: &dyn Values) -> askama::Result<()> {
        Ok(self.write(out)?)
    }
}
