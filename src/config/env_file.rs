//! The syntax of `.env`: lines `NAME=value`, optionally after `export`, with quotes, escapes, comments and references to variables.

use std::collections::BTreeMap;

/// The content of the file. Values may be secrets, so only tests can print them.
#[cfg_attr(test, derive(Debug))]
#[derive(Default)]
pub struct EnvFile {
    /// In the order of the file; a name may occur more than once.
    pub entries: Vec<Entry>,
    /// Lines that cannot be read.
    pub faults: Vec<Fault>,
}

/// A variable in the file.
#[cfg_attr(test, derive(Debug))]
pub struct Entry {
    /// The number of the line where it begins; the first is 1.
    pub line: usize,
    pub name: String,
    pub value: String,
    /// Whether the value contains a reference to another variable.
    pub has_reference: bool,
}

/// A line that cannot be read. Never contains the line, which may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    /// `None` if the line does not say which variable it sets.
    pub name: Option<String>,
    /// Completes a sentence that begins with the name, or is a sentence if there is no name. It has no full stop.
    pub why: &'static str,
}

const NO_ASSIGNMENT: &str = "this line is not NAME=value";
const SPACES: &str = "has a value with spaces, which needs quotes around it";
const UNTERMINATED: &str = "has a quotation mark that is never closed";
const ESCAPE: &str =
    "has a \\ where none is expected; write \\\\, or put the value in single quotes";
const NOT_UTF8: &str = "this line is not UTF-8; save the file as UTF-8";
const NUL: &str = "this line contains a NUL character; remove it";
/// Windows saves text files as UTF-16 if asked for "Unicode".
const UTF16: &str = "the file is saved as UTF-16; save it as UTF-8";

impl EnvFile {
    /// Reads the file. References are looked up in `environment`, and then in the lines above.
    pub fn parse(bytes: &[u8], environment: &BTreeMap<String, String>) -> Self {
        let mut found = Self::default();
        if bytes.starts_with(&[0xff, 0xfe])
            || bytes.starts_with(&[0xfe, 0xff])
            || 3 * (bytes.split(|byte| *byte == 0).count() - 1) > bytes.len()
        {
            found.faults.push(Fault { line: 1, name: None, why: UTF16 });
            return found;
        }
        if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
            let line = bytes[..at].split(|byte| *byte == b'\n').count();
            found.faults.push(Fault { line, name: None, why: NUL });
            return found;
        }
        if let Err(error) = str::from_utf8(bytes) {
            let above = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = 1 + above.matches('\n').count();
            found.faults.push(Fault { line, name: None, why: NOT_UTF8 });
        }
        let text = String::from_utf8_lossy(bytes);
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut line = 1;
        while !rest.is_empty() {
            let used = found.statement(rest, line, environment);
            line += rest[..used].matches('\n').count();
            rest = &rest[used..];
        }
        found
    }

    /// Reads the statement at the start of `text`. Returns its length with its line end. After a fault, the next line is the next statement.
    fn statement(
        &mut self,
        text: &str,
        line: usize,
        environment: &BTreeMap<String, String>,
    ) -> usize {
        let first = text.split_inclusive('\n').next().unwrap_or(text);
        if first.trim().is_empty() || first.trim_start().starts_with('#') {
            return first.len();
        }
        let left = first.split('=').next().unwrap_or_default();
        let name = left.trim();
        let name =
            name.strip_prefix("export").filter(|it| it.starts_with([' ', '\t'])).unwrap_or(name);
        let name = name.trim().to_owned();
        if left.len() == first.len() || !is_name(&name) {
            self.faults.push(Fault { line, name: None, why: NO_ASSIGNMENT });
            return first.len();
        }
        let begin = left.len() + 1;
        let look_up = |wanted: &str| {
            let above = self.entries.iter().rev().find(|it| it.name == wanted).map(|it| &it.value);
            environment.get(wanted).or(above).cloned()
        };
        match value(&text[begin..], look_up) {
            Ok(Value { text, used, has_reference }) => {
                self.entries.push(Entry { line, name, value: text, has_reference });
                begin + used
            }
            Err(why) => {
                self.faults.push(Fault { line, name: Some(name), why });
                first.len()
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

struct Value {
    text: String,
    /// The length of the source, with its line end.
    used: usize,
    has_reference: bool,
}

/// Reads the value at the start of `source`, up to the end of its line. A quoted value may contain line ends.
fn value(source: &str, look_up: impl Fn(&str) -> Option<String>) -> Result<Value, &'static str> {
    let (mut text, mut quote, mut has_reference) = (String::new(), None, false);
    let mut rest = source.trim_start_matches([' ', '\t']);
    // As in a shell, a comment needs a space before it: `ACCENT_COLOR=#2457c5` is a value.
    if rest.starts_with('#') && rest.len() < source.len() {
        rest = to_line_end(rest);
    }
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match (quote, c) {
            (None, '\n') => {
                return Ok(Value { text, used: source.len() - after.len(), has_reference });
            }
            (None, c) if c.is_whitespace() => {
                let end = to_line_end(rest);
                let left = rest[..rest.len() - end.len()].trim();
                if !(left.is_empty() || left.starts_with('#')) {
                    return Err(SPACES);
                }
                end
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                after
            }
            (Some(open), c) if c == open => {
                quote = None;
                after
            }
            (Some('\''), c) => {
                text.push(c);
                after
            }
            (_, '\\') => {
                let escaped =
                    after.chars().next().filter(|c| "\\'\"$ n".contains(*c)).ok_or(ESCAPE)?;
                text.push(if escaped == 'n' { '\n' } else { escaped });
                &after[1..]
            }
            (_, '$') => {
                if let Some((name, after)) = reference(after) {
                    has_reference = true;
                    text.push_str(&look_up(name).unwrap_or_default());
                    after
                } else {
                    text.push(c);
                    after
                }
            }
            (_, c) => {
                text.push(c);
                after
            }
        };
    }
    if quote.is_some() {
        return Err(UNTERMINATED);
    }
    Ok(Value { text, used: source.len(), has_reference })
}

fn to_line_end(text: &str) -> &str {
    text.find('\n').map_or("", |end| &text[end..])
}

/// The name after a `$`, with or without braces, and the text behind it.
fn reference(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('{') {
        return inner.split_once('}');
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> EnvFile {
        let environment = BTreeMap::from([("HOME".to_owned(), "/root".to_owned())]);
        EnvFile::parse(text.as_bytes(), &environment)
    }

    #[test]
    fn every_usual_spelling_of_a_line_is_read() {
        for (text, value) in [
            ("A=x", "x"),
            ("A=x\r\n", "x"),
            ("\u{feff}A=x", "x"),
            ("export A=x", "x"),
            ("  export\tA = x  ", "x"),
            ("A=", ""),
            ("A= \r\n", ""),
            ("A=   # a comment", ""),
            ("A=x # a comment", "x"),
            ("A=x#y", "x#y"),
            ("A=#2457c5 # blue", "#2457c5"),
            ("A = #2457c5", ""),
            ("A='x # y' # z", "x # y"),
            ("A=\"x y\"\r\n", "x y"),
            ("A=\"say \\\"hi\\\" \\\\ \\n\"", "say \"hi\" \\ \n"),
            ("A='$HOME \\n'", "$HOME \\n"),
            ("A='\"https://api\"'", "\"https://api\""),
            ("A=$HOME/x", "/root/x"),
            ("A=\"${HOME}x\"", "/rootx"),
            ("A=\\$HOME", "$HOME"),
            ("A=a$unknown-b", "a-b"),
            ("A=5$ # price", "5$"),
            ("A=x=y==", "x=y=="),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A=a'b c'\"d\"", "ab cd"),
            ("A=My\\ Site", "My Site"),
        ] {
            let found = parse(text);
            assert_eq!(found.faults, [], "{text:?}");
            let [entry] = &found.entries[..] else { panic!("{text:?}: {found:?}") };
            assert_eq!((entry.name.as_str(), entry.value.as_str()), ("A", value), "{text:?}");
        }
    }

    #[test]
    fn a_fault_has_its_line_and_hides_no_other_line() {
        let file = "# settings\n\nA=one two\nB='open\nno assignment\nC=\"a\nb\"\n1D=x\nE=a\\b\nF=p$word\nexport\nG=good\n";
        let found = parse(file);
        let faults: Vec<_> =
            found.faults.iter().map(|it| (it.line, it.name.as_deref(), it.why)).collect();
        assert_eq!(
            faults,
            [
                (3, Some("A"), SPACES),
                (4, Some("B"), UNTERMINATED),
                (5, None, NO_ASSIGNMENT),
                (8, None, NO_ASSIGNMENT),
                (9, Some("E"), ESCAPE),
                (11, None, NO_ASSIGNMENT),
            ]
        );
        let entries: Vec<_> = found.entries.iter().map(|it| (it.line, it.name.as_str())).collect();
        assert_eq!(entries, [(6, "C"), (10, "F"), (12, "G")]);
    }

    #[test]
    fn every_line_of_the_example_can_be_uncommented() {
        let example = include_str!("../../.env.example");
        let settings = example.lines().filter_map(|line| line.strip_prefix('#'));
        let settings: Vec<_> = settings.filter(|it| !it.starts_with([' ', '#'])).collect();
        let EnvFile { entries, faults } = parse(&settings.join("\n"));
        assert_eq!(faults, []);
        let value = |name: &str| entries.iter().find(|it| it.name == name).unwrap().value.as_str();
        assert_eq!(value("SITE_NAME"), "My Site");
        assert_eq!(value("MAIL_FROM"), "My Site <no-reply@example.org>");
        assert_eq!(value("ACCENT_COLOR"), "#2457c5");
        assert_eq!(value("MAIL_TRANSPORT"), "file");
    }

    #[test]
    fn other_encodings_are_named() {
        let utf16 =
            |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (bytes, line, why) in [
            ([&[0xff, 0xfe], &utf16("A=x\r\n")[..]].concat(), 1, UTF16),
            (utf16("A=x\r\n"), 1, UTF16),
            (b"A=x\nB=long \0 text\n".to_vec(), 2, NUL),
            (b"A=x\nB=\xfc\n".to_vec(), 2, NOT_UTF8),
        ] {
            let found = EnvFile::parse(&bytes, &BTreeMap::new());
            assert_eq!(found.faults, [Fault { line, name: None, why }]);
        }
    }
}
