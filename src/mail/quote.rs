//! Makes the replies of mail servers safe to log.

/// Replaces each run of white space and control characters by one space. lettre panics at a line break in a name, keeps most control
/// characters, and loses one of two spaces between encoded words.
pub fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The reply of a mail server, safe for a log and a terminal: one line of at most 300 characters, without any part of these secrets.
/// Spam filters often quote the link that they reject: complete, cut off or on two lines.
pub fn quote(text: &str, secrets: &[&str]) -> String {
    const PIECE: usize = 8;
    let is_piece = |run: &str| {
        let is_in = |secret: &&str| {
            let mut pieces = run.as_bytes().windows(PIECE);
            pieces.any(|piece| secret.as_bytes().windows(PIECE).any(|it| it == piece))
        };
        secrets.iter().any(is_in)
    };
    let mut clean = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        clean = clean.replace(secret, "…");
    }
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for run in text.split(|c: char| !is_of_token(c)).filter(|run| is_piece(run)) {
        clean = clean.replace(run, "…");
    }
    one_line(&clean).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_is_quoted() {
        let token = "B5H0ySCq-7_0123456789abcdefghijklmnopqrstuv";
        let (half, rest) = token.split_at(20);
        let spam = "x ".repeat(120);
        for (said, quoted) in [
            ("250 2.0.0\tok\r\nqueued".to_owned(), "250 2.0.0 ok queued"),
            (
                format!("554 https://x/auth/verify-email/{token} is bad"),
                "554 https://x/auth/verify-email/… is bad",
            ),
            (format!("554 https://x/auth/{half}"), "554 https://x/auth/…"),
            (format!("554-{half}\n554 {rest}"), "… 554 …"),
            ("535 p@ss:word is wrong".to_owned(), "535 … is wrong"),
        ] {
            assert_eq!(quote(&said, &[token, "p@ss:word"]), quoted);
        }
        let cut = quote(&format!("{spam}{token}"), &[token]);
        assert!(!cut.contains("B5H") && cut.len() <= 300, "{cut}");
        assert_eq!(quote(&"ä".repeat(999), &[]).chars().count(), 300);
    }
}
