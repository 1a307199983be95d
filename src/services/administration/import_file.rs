//! Parses import files (CSV or JSON lines) into accounts and problems.

use std::collections::{BTreeSet, HashMap};

use csv::{ByteRecord, ReaderBuilder};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::role::Role;
use crate::domain::account::username::Username;
use crate::domain::id::UserId;
use crate::domain::quantity::counted;
use crate::hasher;
use crate::i18n::languages::Languages;
use crate::i18n::message::Message;
use crate::i18n::zone::Zone;

/// The fields of a line.
pub const FIELDS: [&str; 9] = [
    "id",
    "email",
    "username",
    "handle",
    "password_hash",
    "roles",
    "verified",
    "language",
    "time_zone",
];
/// Longer lines are refused.
const LONGEST_LINE: usize = 64 * 1024;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV with a header line (RFC 4180).
    Csv,
    /// One JSON object per line.
    JsonLines,
}

impl Format {
    /// Guesses the format from the extension or, if that is unknown, from the first character.
    #[must_use]
    pub fn guess(name: &str, bytes: &[u8]) -> Self {
        let ends = |ending: &str| name.to_ascii_lowercase().ends_with(ending);
        if ends(".csv") {
            return Self::Csv;
        }
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let is_json = [".jsonl", ".ndjson", ".json"].iter().any(|ending| ends(ending));
        if is_json || first == Some(&b'{') { Self::JsonLines } else { Self::Csv }
    }
}

/// An account to import.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains a password hash")]
pub struct Candidate {
    /// Its line in the file.
    pub line: u64,
    /// The ID to keep, if any.
    pub id: Option<UserId>,
    /// May already have an account.
    pub email: EmailAddress,
    /// The display name.
    pub username: Username,
    /// The handle to give it. `None`: it is made from the address.
    pub handle: Option<Handle>,
    /// argon2 or bcrypt. `None`: the owner sets a password with a reset link.
    pub password_hash: Option<String>,
    /// May be empty.
    pub roles: BTreeSet<Role>,
    /// Whether the address counts as confirmed.
    pub verified: bool,
    /// Language and time zone, if the file has them.
    pub preferences: Preferences,
}

/// A problem with a line. It contains no value that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BadLine {
    /// Counted from 1.
    pub line: u64,
    /// `None` if the whole line is wrong.
    pub field: Option<&'static str>,
    /// What is wrong, as a sentence.
    pub problem: String,
}

impl BadLine {
    /// A problem with one field.
    pub fn of(line: u64, field: &'static str, problem: impl Into<String>) -> Self {
        Self { line, field: Some(field), problem: problem.into() }
    }

    fn whole(line: u64, problem: impl Into<String>) -> Self {
        Self { line, field: None, problem: problem.into() }
    }
}

/// A parsed file.
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "contains password hashes")]
pub struct Read {
    /// Valid accounts, not yet compared with existing ones.
    pub candidates: Vec<Candidate>,
    /// All problems, by line.
    pub bad: Vec<BadLine>,
}

/// The fields of a line as text.
type Fields = HashMap<&'static str, String>;

/// Parses a file. `Err`: why nothing in it can be parsed.
pub fn read(bytes: &[u8], format: Format, languages: &Languages) -> Result<Read, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut read = Read::default();
    match format {
        Format::Csv => read_csv(bytes, languages, &mut read)?,
        Format::JsonLines => read_json(bytes, languages, &mut read),
    }
    refuse_duplicates(&mut read);
    read.bad.sort_by_key(|bad| bad.line);
    Ok(read)
}

fn read_csv(bytes: &[u8], languages: &Languages, read: &mut Read) -> Result<(), String> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.byte_headers().map_err(|_| "The first line cannot be read.".to_owned())?;
    let columns = columns(header)?;
    let mut record = ByteRecord::new();
    loop {
        // Reading from memory does not fail.
        if !reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
            return Ok(());
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != columns.len() {
            let found = counted(record.len(), "field", "fields");
            let problem = format!("It has {found}, and the first line names {}.", columns.len());
            read.bad.push(BadLine::whole(line, problem));
            continue;
        }
        if record.as_slice().len() > LONGEST_LINE {
            read.bad.push(BadLine::whole(line, "It is longer than 64 KiB."));
            continue;
        }
        let values = record.iter().map(|value| str::from_utf8(value).ok().map(ToOwned::to_owned));
        let Some(values) = values.collect::<Option<Vec<String>>>() else {
            read.bad.push(BadLine::whole(line, "It is not valid text (UTF-8)."));
            continue;
        };
        read.take(line, &columns.iter().copied().zip(values).collect(), languages);
    }
}

fn columns(header: &ByteRecord) -> Result<Vec<&'static str>, String> {
    let named = FIELDS.join(", ");
    let mut columns = Vec::new();
    for name in header {
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        let Some(known) = FIELDS.into_iter().find(|field| *field == name) else {
            let hint =
                if name.contains(';') { " Put commas between them, not semicolons." } else { "" };
            return Err(format!(
                "There is no column {name:?}. The first line may name these columns: {named}.{hint}"
            ));
        };
        if columns.contains(&known) {
            return Err(format!("The column {known:?} is named twice."));
        }
        columns.push(known);
    }
    if columns.contains(&"email") {
        Ok(columns)
    } else {
        Err(format!(
            "The first line must name the column email. It may name these columns: {named}."
        ))
    }
}

fn read_json(bytes: &[u8], languages: &Languages, read: &mut Read) {
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if text.len() > LONGEST_LINE {
            read.bad.push(BadLine::whole(line, "It is longer than 64 KiB."));
            continue;
        }
        match json_fields(text) {
            Ok(fields) => read.take(line, &fields, languages),
            Err((field, problem)) => read.bad.push(BadLine { line, field, problem }),
        }
    }
}

fn json_fields(text: &[u8]) -> Result<Fields, (Option<&'static str>, String)> {
    let Ok(Value::Object(object)) = serde_json::from_slice(text) else {
        return Err((None, "It is not a JSON object.".into()));
    };
    let mut fields = Fields::new();
    for (name, value) in object {
        let Some(field) = FIELDS.into_iter().find(|field| *field == name) else {
            let problem =
                format!("There is no field {name:?}. The fields are {}.", FIELDS.join(", "));
            return Err((None, problem));
        };
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Bool(value) if field == "verified" => value.to_string(),
            Value::Array(roles) if field == "roles" => {
                let names = roles.iter().map(|role| role.as_str().filter(|it| !it.contains(',')));
                let names = names.collect::<Option<Vec<_>>>();
                names.ok_or((Some(field), "It is not a list of names.".to_owned()))?.join(",")
            }
            _ => return Err((Some(field), "It has the wrong JSON type.".into())),
        };
        fields.insert(field, text);
    }
    Ok(fields)
}

impl Read {
    /// Adds the account of a line, or every problem with that line.
    fn take(&mut self, line: u64, fields: &Fields, languages: &Languages) {
        let field = |name: &str| fields.get(name).map_or("", |text| text.trim());
        let id = self.check(line, "id", optional(field("id"), id));
        let email = EmailAddress::parse(field("email")).map_err(english);
        let email = self.check(line, "email", email);
        let username = match (field("username"), &email) {
            ("", None) => None,
            ("", Some(email)) => Some(Username::plain(email)),
            (name, _) => self.check(line, "username", Username::parse(name).map_err(english)),
        };
        let handle = optional(field("handle"), |it| Handle::parse(it).map_err(english));
        let handle = self.check(line, "handle", handle);
        let password_hash = optional(field("password_hash"), password_hash);
        let password_hash = self.check(line, "password_hash", password_hash);
        let roles = Role::parse_list(field("roles")).map_err(english);
        let roles = self.check(line, "roles", roles);
        let verified = self.check(line, "verified", verified(field("verified")));
        let language = optional(field("language"), |it| language(it, languages));
        let language = self.check(line, "language", language);
        let time_zone = self.check(line, "time_zone", optional(field("time_zone"), time_zone));
        if let (Some(id), Some(email), Some(username), Some(handle), Some(password_hash)) =
            (id, email, username, handle, password_hash)
            && let (Some(roles), Some(verified), Some(language), Some(time_zone)) =
                (roles, verified, language, time_zone)
        {
            let preferences = Preferences { language, time_zone };
            self.candidates.push(Candidate {
                line,
                id,
                email,
                username,
                handle,
                password_hash,
                roles,
                verified,
                preferences,
            });
        }
    }

    /// Returns the value of a field, or adds the problem with it.
    fn check<T>(&mut self, line: u64, field: &'static str, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|problem| self.bad.push(BadLine::of(line, field, problem))).ok()
    }
}

/// The value of a field that may be empty.
fn optional<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

fn id(text: &str) -> Result<UserId, String> {
    Uuid::parse_str(text).map(UserId).map_err(|_| "It is not a UUID.".to_owned())
}

fn password_hash(text: &str) -> Result<String, String> {
    hasher::check(text).map(|()| text.to_owned()).map_err(|why| why.to_string())
}

fn verified(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "" | "false" | "0" | "no" => Ok(false),
        _ => Err("It is neither true nor false.".to_owned()),
    }
}

/// The code of a language.
fn language(text: &str, languages: &Languages) -> Result<String, String> {
    let found = languages.find(text).map(|it| it.code.clone());
    found.ok_or_else(|| "It is not a language of authflow, such as en.".to_owned())
}

/// The name of a time zone.
fn time_zone(text: &str) -> Result<String, String> {
    let found = text.parse::<Zone>().map(|it| it.name().to_owned());
    found.map_err(|_| "It is not a time zone, such as Europe/Berlin.".to_owned())
}

/// The problem in the words of a form.
fn english(why: impl Into<Message>) -> String {
    why.into().english()
}

/// Keeps the first of several lines with the same address, ID or handle, and reports the others.
fn refuse_duplicates(read: &mut Read) {
    let (mut emails, mut ids, mut handles) = (HashMap::new(), HashMap::new(), HashMap::new());
    let bad = &mut read.bad;
    read.candidates.retain(|it| {
        let key = it.email.key().as_str().to_owned();
        if let Some(first) = emails.get(&key) {
            let problem = format!("Line {first} has the same address.");
            bad.push(BadLine::of(it.line, "email", problem));
            return false;
        }
        if let Some(first) = it.id.and_then(|id| ids.get(&id)) {
            bad.push(BadLine::of(it.line, "id", format!("Line {first} has the same id.")));
            return false;
        }
        if let Some(first) = it.handle.as_ref().and_then(|handle| handles.get(handle)) {
            bad.push(BadLine::of(it.line, "handle", format!("Line {first} has the same handle.")));
            return false;
        }
        emails.insert(key, it.line);
        if let Some(handle) = &it.handle {
            handles.insert(handle.clone(), it.line);
        }
        if let Some(id) = it.id {
            ids.insert(id, it.line);
        }
        true
    });
}

#[cfg(test)]
mod tests;
