//! Names in lists: `Wiki=https://wiki.example.org`.

/// The longest name, in characters.
const LONGEST: usize = 40;

/// Splits a part of a list at the first `=` before its URL. The error completes a sentence that begins with the name of the variable.
pub fn split_name(part: &str) -> Result<(Option<&str>, &str), String> {
    let before = part.split_once("://").map_or(part, |(before, _)| before);
    let Some((name, _)) = before.split_once('=') else { return Ok((None, part)) };
    let rest = part[name.len() + 1..].trim();
    let name = name.trim();
    if name.is_empty() {
        return Err("has no name before a =".into());
    }
    if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(format!(
            "has a name that is longer than {LONGEST} characters, or contains a control character"
        ));
    }
    Ok((Some(name), rest))
}
