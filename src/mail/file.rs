//! The `file` transport: writes each email to an `.eml` file in a folder, for development and first trials.

use std::fs;
use std::future::ready;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use mail_parser::{MessageParser, PartType};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::id::MailId;
use crate::domain::paging::{Direction, PageOf, PageRequest, Position};
use crate::file_access::check_folder;
use crate::mail::mime::to_mime;
use crate::mail::outgoing::Mail;
use crate::mail::transport::{DeliveryError, MailTransport, TransportKind};

/// `MAIL_TRANSPORT=file`
pub(super) const KIND: TransportKind = TransportKind {
    name: "file",
    variables: &[],
    sends: false,
    make: |settings| Ok(Arc::new(FileTransport::new(settings.data_dir.join("mail")))),
};

/// Writes emails to a folder.
#[derive(Clone, Debug)]
pub struct FileTransport {
    folder: PathBuf,
}

impl FileTransport {
    /// `folder` is created with the first email.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl MailTransport for FileTransport {
    fn describe(&self) -> String {
        format!("files in {}", self.folder.display())
    }

    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError> {
        let message = to_mime(mail)?.formatted();
        let (folder, id) = (self.folder.clone(), mail.id);
        tokio::task::spawn_blocking(move || write(&folder, id, &message))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| {
                DeliveryError::blocked(format!("writing the email's file: {error}"))
            })?;
        Ok(format!("written to {}", self.folder.join(format!("{id}.eml")).display()))
    }

    async fn check(&self) -> Result<String, DeliveryError> {
        check_folder(&self.folder).map_err(DeliveryError::blocked)?;
        Ok("nothing is sent".into())
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.folder)
    }
}

/// Writes a temporary file and renames it, so that a crash leaves a complete file or none. An email delivered twice is one file.
fn write(folder: &Path, id: MailId, message: &[u8]) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let (aside, path) = (folder.join(format!(".{id}.eml")), folder.join(format!("{id}.eml")));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(aside, path)?;
    fs::File::open(folder)?.sync_all()
}

/// An email read from its file.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may contain a link that opens an account")]
pub struct WrittenMail {
    /// The file's name without `.eml`.
    pub id: String,
    /// The sender: the name, if any, and the email address.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The subject, empty if there is none.
    pub subject: String,
    /// When the email was queued.
    pub date: Timestamp,
    /// The text part, empty if there is none.
    pub text: String,
    /// The HTML part.
    pub html: Option<String>,
}

/// A file that is named like an email, and why it cannot be shown.
#[derive(Clone, Debug)]
pub struct BrokenFile {
    /// Its name.
    pub name: String,
    /// Why it could not be read. `None`: it is not an email, because it has no sender or no date.
    pub error: Option<String>,
}

/// The result of reading one file.
pub type Found = Result<WrittenMail, BrokenFile>;

/// The emails in `folder`, newest first, at most `limit`.
pub async fn list(folder: PathBuf, limit: usize) -> io::Result<Vec<Found>> {
    Ok(page(folder, PageRequest { position: Position::First, size: limit }).await?.rows)
}

/// A page of the emails in `folder`, newest first.
pub async fn page(folder: PathBuf, request: PageRequest<Uuid>) -> io::Result<PageOf<Found, Uuid>> {
    let of = folder.clone();
    let ids = blocking(move || ids_in(&of)).await?;
    let read = |direction, beside, limit| {
        ready(io::Result::Ok(neighbours(&ids, direction, beside, limit)))
    };
    let found = PageOf::find(request, Uuid::max(), |id| *id, read).await?;
    let count = async |_| io::Result::Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    let PageOf { rows, previous, next, total } = found.counted(count).await?;
    let rows = blocking(move || Ok(rows.iter().filter_map(|id| read_one(&folder, *id)).collect()));
    Ok(PageOf { rows: rows.await?, previous, next, total })
}

/// The IDs of the emails in `folder`, newest first. They are the names of the files, and sort by time.
fn ids_in(folder: &Path) -> io::Result<Vec<Uuid>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let ids = entries.filter_map(|entry| {
        Uuid::try_parse(entry.ok()?.file_name().to_str()?.strip_suffix(".eml")?).ok()
    });
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    Ok(ids)
}

/// The IDs beside this one, at most `limit`.
fn neighbours(ids: &[Uuid], direction: Direction, beside: Uuid, limit: i64) -> Vec<Uuid> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    match direction {
        Direction::Forward => ids.iter().filter(|id| **id < beside).take(limit).copied().collect(),
        Direction::Backward => {
            ids.iter().rev().filter(|id| **id > beside).take(limit).copied().collect()
        }
    }
}

/// One email of `folder`.
pub async fn read(folder: PathBuf, id: Uuid) -> io::Result<Option<Found>> {
    blocking(move || Ok(read_one(&folder, id))).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten()
}

fn read_one(folder: &Path, id: Uuid) -> Option<Found> {
    let name = format!("{id}.eml");
    let broken = |error| Err(BrokenFile { name: name.clone(), error });
    Some(match fs::read(folder.join(&name)) {
        Ok(bytes) => match parse(id, &bytes) {
            Some(mail) => Ok(mail),
            None => broken(None),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => broken(Some(error.to_string())),
    })
}

/// `None` if one of the two required fields is missing: sender and date (RFC 5322, section 3.6).
fn parse(id: Uuid, bytes: &[u8]) -> Option<WrittenMail> {
    let message = MessageParser::default().parse(bytes)?;
    let from = message.from()?.first()?;
    let address = from.address()?;
    let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
    // `body_text` and `body_html` would convert the other part if one is missing.
    let text = message.text_part(0).map(|part| &part.body);
    let html = message.html_part(0).map(|part| &part.body);
    Some(WrittenMail {
        id: id.to_string(),
        from: from.name().map_or(address.to_owned(), |name| format!("{name} <{address}>")),
        to: to.unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().trim().to_owned(),
        date: Timestamp(message.date()?.to_timestamp()),
        text: match text {
            Some(PartType::Text(text)) => text.to_string(),
            _ => String::new(),
        },
        html: match html {
            Some(PartType::Html(html)) => Some(html.to_string()),
            _ => None,
        },
    })
}
