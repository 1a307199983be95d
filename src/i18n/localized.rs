//! A message in words: as HTML, or as plain text.

use std::fmt::{self, Write};

use askama::filters::{Html, HtmlSafe, escape};
use askama::{FastWritable, Values};

/// Characters that stand for markup in formatted text. They are noncharacters (Unicode 17, section 23.7), which are for internal use and
/// never part of an argument: see [`clean`].
pub(super) mod marker {
    /// The characters at the start and at the end of a link or mark.
    pub type Markers = (&'static str, &'static str);

    pub const GROUP: char = '\u{fdd0}';
    pub const TEXT_START: char = '\u{fdd2}';
    pub const TEXT_END: char = '\u{fdd3}';
    pub const LINKS: [Markers; 4] = [
        ("\u{fdd4}", "\u{fdd5}"),
        ("\u{fdd6}", "\u{fdd7}"),
        ("\u{fdd8}", "\u{fdd9}"),
        ("\u{fdda}", "\u{fddb}"),
    ];
    pub const ADDRESS: Markers = ("\u{fde0}", "\u{fde1}");
    pub const CODE: Markers = ("\u{fde2}", "\u{fde3}");
    pub const STRONG: Markers = ("\u{fde4}", "\u{fde5}");
    /// The marks with their HTML.
    pub const MARKS: [(Markers, &str, &str); 3] = [
        (ADDRESS, "<span class=\"address\">", "</span>"),
        (CODE, "<code>", "</code>"),
        (STRONG, "<strong>", "</strong>"),
    ];

    pub fn is_marker(c: char) -> bool {
        ('\u{fdd0}'..='\u{fdef}').contains(&c)
    }
}

/// The text of an argument without characters that stand for markup.
pub(super) fn clean(text: &str) -> String {
    text.replace(marker::is_marker, "\u{fffd}")
}

/// Text with markers for markup, which only this module and the localizer make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked(pub(super) String);

/// Keeps the characters around it on one line, and is invisible. The HTML of pages has it; plain text and emails do not.
pub const WORD_JOINER: char = '\u{2060}';

/// Text without markers.
pub(super) fn without_markup(text: &str) -> String {
    text.replace(|c| marker::is_marker(c) || c == WORD_JOINER, "")
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
        without_markup(&self.raw)
    }

    /// For a message around this one: with its marks, but without its links.
    pub(super) fn inside(self) -> Marked {
        let is_link =
            |c: char| marker::LINKS.iter().any(|(start, end)| start.contains(c) || end.contains(c));
        Marked(self.raw.replace(is_link, ""))
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
            if start.starts_with(c) {
                let href = self.links.get(number).map(String::as_str).unwrap_or_default();
                let href = escape(href, Html).map_err(|_| fmt::Error)?;
                return write!(out, "<a href=\"{href}\">");
            }
            if end.starts_with(c) {
                return out.write_str("</a>");
            }
        }
        for ((start, end), opening, closing) in marker::MARKS {
            if start.starts_with(c) {
                return out.write_str(opening);
            }
            if end.starts_with(c) {
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

#[cfg(test)]
mod tests {
    use crate::clock::Timestamp;
    use crate::i18n::languages::Languages;
    use crate::i18n::localizer::Localizer;
    use crate::i18n::message;

    fn english() -> Localizer {
        Localizer::of("en", "UTC", Timestamp(0))
    }

    #[test]
    fn arguments_are_escaped_in_html_and_kept_in_plain_text() {
        let hostile = "<b onclick=\"x\">'&amp;";
        let said = english().sign_in_continue(hostile);
        assert_eq!(
            said.html(),
            "Sign in to continue to &#60;b onclick=&#34;x&#34;&#62;&#39;&#38;amp;."
        );
        assert_eq!(said.to_string(), said.html());
        assert_eq!(said.plain(), format!("Sign in to continue to {hostile}."));
        // In a message that is an argument, too.
        let nested = english().error_title(message::sign_in_continue(hostile));
        assert!(!nested.html().contains("<b") && nested.plain().contains(hostile));
        let list = message::list(["<i>", "&"]);
        assert!(english().sign_in_continue(list).html().contains("&#60;i&#62; and &#38;"));
        // Fluent's syntax means nothing in an argument.
        let syntax = "{ $app } { sign-in-title } { \"x\" }";
        assert!(english().sign_in_continue(syntax).plain().contains(syntax));
    }

    #[test]
    fn links_are_attributes_that_nothing_escapes_from() {
        let said = english().sign_in_new_here("/x?a=b&c=\"><script>'");
        let html = said.html();
        assert!(
            html.starts_with("New here? <a href=\"/x?a=b&#38;c=&#34;&#62;&#60;script&#62;&#39;\">"),
            "{html}"
        );
        assert!(html.ends_with("Create an account</a>"), "{html}");
        assert_eq!(said.plain(), "New here? Create an account");
    }

    #[test]
    fn arguments_cannot_contain_markup() {
        // The characters that stand for markup, in an argument of a message that has markup itself.
        for c in '\u{fdd0}'..='\u{fdef}' {
            let said = english().layout_doubled_cookie(format!("a{c}b"));
            let html = said.html();
            assert!(html.contains("<code>a\u{fffd}b</code>"), "{c:?}: {html}");
            assert_eq!(html.matches('<').count(), 2, "{c:?}: {html}");
            assert!(said.plain().contains("named a\u{fffd}b, so"), "{c:?}");
            let link = english().sign_in_new_here(format!("/{c}"));
            assert_eq!(link.html().matches('<').count(), 2, "{c:?}");
        }
    }

    #[test]
    fn text_in_the_other_direction_is_laid_out_by_itself() {
        let hebrew = "\u{5d0}\u{5d3}\u{5d4}";
        let said = english().sign_in_continue(hebrew);
        assert_eq!(said.html(), format!("Sign in to continue to <bdi>{hebrew}</bdi>."));
        assert_eq!(said.plain(), format!("Sign in to continue to {hebrew}."));
        let english_file = "language-name = English\nlanguage-direction = ltr\n";
        let arabic = "language-name = \u{627}\nlanguage-direction = rtl\n\
                      sign-in-continue = \u{627} { $app }\n";
        let languages = Languages::read(&[("en", [english_file]), ("ar", [arabic])]).unwrap();
        let language = languages.find("ar").unwrap();
        let reader = Localizer { language, ..english() };
        assert_eq!(reader.sign_in_continue("Ada").html(), "\u{627} <bdi>Ada</bdi>");
        assert_eq!(reader.sign_in_continue(hebrew).html(), format!("\u{627} {hebrew}"));
    }
}
