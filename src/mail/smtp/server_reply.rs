//! Replies of mail servers (RFC 5321, section 4.2). Only their codes count; their texts are for people and may be in any encoding.

/// A complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    /// The text of each line, without the code.
    pub lines: Vec<String>,
}

/// One line of a reply.
#[derive(Debug, PartialEq, Eq)]
pub struct ReplyLine {
    pub code: u16,
    pub text: String,
    /// Whether the reply ends with this line.
    pub is_last: bool,
}

impl Reply {
    /// The first digit of the code, which says whether the command succeeded.
    pub fn class(&self) -> u16 {
        self.code / 100
    }

    /// Whether the server will give the same reply again (5yz).
    pub fn is_permanent(&self) -> bool {
        self.class() == 5
    }

    /// Code and text in one line. A repeated enhanced status code (RFC 2034) is omitted.
    pub fn text(&self) -> String {
        let first = self.lines.first().and_then(|line| line.split_whitespace().next());
        let enhanced = first.filter(|word| word.split('.').all(|it| it.parse::<u16>().is_ok()));
        let mut text = self.code.to_string();
        for (n, line) in self.lines.iter().enumerate() {
            let rest = enhanced.filter(|_| n > 0).and_then(|code| line.strip_prefix(code));
            text = format!("{text} {}", rest.unwrap_or(line).trim());
        }
        text.trim_end().to_owned()
    }
}

impl ReplyLine {
    /// Reads a line with its line break. `None` if it does not begin with a reply code.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        let (code, rest) = line.split_at_checked(3)?;
        if !matches!(code, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'])
            || rest.first().is_some_and(u8::is_ascii_alphanumeric)
        {
            return None;
        }
        let code = str::from_utf8(code).ok()?.parse().ok()?;
        let text = rest.strip_prefix(b"-").or(rest.strip_prefix(b" ")).unwrap_or(rest);
        Some(Self { code, text: decode(text), is_last: !rest.starts_with(b"-") })
    }
}

/// UTF-8, or else Latin-1, the most frequent of the other encodings.
fn decode(text: &[u8]) -> String {
    let latin_1 = || text.iter().copied().map(char::from).collect();
    str::from_utf8(text).map_or_else(|_| latin_1(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_counts_and_the_text_stays_readable() {
        for (line, code, text, is_last) in [
            (&b"220 mail.example.org ESMTP\r\n"[..], 220, "mail.example.org ESMTP", true),
            (b"250-SIZE 1000\r\n", 250, "SIZE 1000", false),
            (b"250\r\n", 250, "", true),
            (b"250 \r\n", 250, "", true),
            (b"250-\r\n", 250, "", false),
            (b"250\n", 250, "", true),
            (b"250 ok\n", 250, "ok", true),
            (b"250\tok\r\n", 250, "\tok", true),
            (b"220 Gr\xfc\xdfe\r\n", 220, "Grüße", true),
            ("220 Grüße\r\n".as_bytes(), 220, "Grüße", true),
            (b"220 \xff\xfe\x00\r\n", 220, "ÿþ\0", true),
            (b"220\xe9\r\n", 220, "é", true),
        ] {
            let expected = ReplyLine { code, text: text.to_owned(), is_last };
            assert_eq!(ReplyLine::parse(line), Some(expected), "{line:?}");
        }
        for line in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"\r\n",
            b"22\r\n",
            b"2200 ok\r\n",
            b"220x\r\n",
            b"120 ok\r\n",
            b"620 ok\r\n",
            b"2\xb20 ok\r\n",
            b" 220 ok\r\n",
        ] {
            assert_eq!(ReplyLine::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn the_text_is_one_line() {
        for (code, lines, text) in [
            (250, vec![""], "250"),
            (550, vec!["5.1.1 No such", "5.1.1 user"], "550 5.1.1 No such user"),
            (550, vec!["5.1.1 No such", "user"], "550 5.1.1 No such user"),
            (550, vec!["No such", "No user"], "550 No such No user"),
        ] {
            let lines = lines.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(Reply { code, lines }.text(), text);
        }
    }
}
