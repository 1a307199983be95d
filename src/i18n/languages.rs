//! The languages that this program has.

use std::sync::LazyLock;

use unic_langid::LanguageIdentifier;

use crate::i18n::catalogue::FOLDERS;
use crate::i18n::language::Language;

/// The code of the language that all messages exist in.
pub const ENGLISH: &str = "en";

/// All languages, English first, the others by code.
#[derive(Debug)]
pub struct Languages {
    all: Vec<&'static Language>,
}

static EMBEDDED: LazyLock<Languages> =
    LazyLock::new(|| Languages::read(FOLDERS).expect("build.rs has read every message file"));

impl Languages {
    /// The languages of the folder `locales`, which the binary contains.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads folders: the code of each language, and its message files. They are never freed, so read them once. The error says what is wrong.
    pub fn read<F: AsRef<str>>(folders: &[(&str, impl AsRef<[F]>)]) -> Result<Self, String> {
        let english = folders.iter().find(|(code, _)| *code == ENGLISH);
        let (code, files) = english.ok_or("there is no English")?;
        let english: &'static Language =
            Box::leak(Box::new(Language::read(code, files.as_ref(), None)?));
        let mut all = vec![english];
        for (code, files) in folders.iter().filter(|(code, _)| *code != ENGLISH) {
            all.push(Box::leak(Box::new(Language::read(code, files.as_ref(), Some(english))?)));
        }
        all[1..].sort_by(|one, other| one.code.cmp(&other.code));
        Ok(Self { all })
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[&'static Language] {
        &self.all
    }

    /// English.
    #[must_use]
    pub fn english(&self) -> &'static Language {
        self.all[0]
    }

    /// The language with this code, as people write it: upper or lower case, with hyphens or underscores.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&'static Language> {
        let id: LanguageIdentifier = code.parse().ok()?;
        self.all.iter().copied().find(|it| it.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_its_code_in_any_spelling() {
        let files = ["language-name = x\nlanguage-direction = ltr\n"];
        let languages = Languages::read(&[("en", files), ("de", files), ("pt-BR", files)]).unwrap();
        for (code, expected) in [
            ("de", Some("de")),
            ("DE", Some("de")),
            ("pt-BR", Some("pt-BR")),
            ("pt_br", Some("pt-BR")),
            // Another language, or none.
            ("de-AT", None),
            ("pt", None),
            ("", None),
            ("und", None),
            ("German", None),
            ("../de", None),
        ] {
            assert_eq!(languages.find(code).map(|it| it.code.as_str()), expected, "{code:?}");
        }
    }
}
