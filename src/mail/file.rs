//! The `file` transport: one `.eml` file per mail in a folder, for development and for looking into.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use mail_parser::{MessageParser, PartType};
use uuid::Uuid;

use crate::domain::id::MailId;
use crate::error::{Error, Result};
use crate::folder::check_writable;
use crate::mail::mime::to_mime;
use crate::mail::{DeliveryError, Kind, Mail, MailTransport};

/// `MAIL_TRANSPORT=file`
pub(super) const KIND: Kind = Kind {
    name: "file",
    variables: &[],
    sends: false,
    make: |settings| Ok(Arc::new(FileTransport::new(settings.data_dir.join("mail")))),
};

/// Writes mails into a folder.
#[derive(Clone, Debug)]
pub struct FileTransport {
    folder: PathBuf,
}

impl FileTransport {
    /// Mails go to `folder`, which is made when the first one does.
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
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| DeliveryError::blocked(format!("writing the mail's file: {error}")))?;
        Ok(format!("written to {}", self.folder.join(format!("{id}.eml")).display()))
    }

    async fn check(&self) -> Result<String, DeliveryError> {
        check_writable(&self.folder).map_err(DeliveryError::blocked)?;
        Ok("nothing is sent".into())
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.folder)
    }
}

/// Written aside, then renamed: a crash leaves a whole file or none. A mail delivered twice is one file.
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

/// A mail read back from its file.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct WrittenMail {
    /// The file's name without its ending.
    pub id: String,
    /// Whom it is from: a name, if there is one, and the address.
    pub from: String,
    /// Whom it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it was asked for.
    pub date: String,
    /// Its text part, empty if there is none.
    pub text: String,
    /// Its HTML part.
    pub html: Option<String>,
}

/// A file that is named like a mail and is none.
#[derive(Clone, Debug, thiserror::Error)]
#[error("The file {id}.eml cannot be read as a mail: {why}.")]
pub struct BrokenFile {
    id: Uuid,
    why: String,
}

/// What a file turned out to be.
pub type Found = Result<WrittenMail, BrokenFile>;

/// What is in `folder`, `limit` files at most, latest asked for first: the ids that name the files sort so.
pub async fn list(folder: PathBuf, limit: usize) -> Result<Vec<Found>> {
    blocking(move || {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let ids = entries.filter_map(|entry| {
            Uuid::try_parse(entry.ok()?.file_name().to_str()?.strip_suffix(".eml")?).ok()
        });
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        Ok(ids.iter().rev().take(limit).filter_map(|id| read_one(&folder, *id)).collect())
    })
    .await
}

/// One mail of `folder`.
pub async fn read(folder: PathBuf, id: Uuid) -> Result<Option<Found>> {
    blocking(move || Ok(read_one(&folder, id))).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other).flatten();
    done.map_err(Error::io("reading the mails' files"))
}

fn read_one(folder: &Path, id: Uuid) -> Option<Found> {
    let broken = |why: String| Err(BrokenFile { id, why });
    Some(match fs::read(folder.join(format!("{id}.eml"))) {
        Ok(bytes) => match parse(id, &bytes) {
            Some(mail) => Ok(mail),
            None => broken("it does not say from whom it is, or when it was written".into()),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => broken(error.to_string()),
    })
}

/// `None` without the two fields that every mail has (RFC 5322, section 3.6).
fn parse(id: Uuid, bytes: &[u8]) -> Option<WrittenMail> {
    let message = MessageParser::default().parse(bytes)?;
    let from = message.from()?.first()?;
    let address = from.address()?;
    let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
    let subject = message.subject().filter(|subject| !subject.trim().is_empty());
    // Not `body_text` and `body_html`: they make up from the other part what is not there.
    let text = message.text_part(0).map(|part| &part.body);
    let html = message.html_part(0).map(|part| &part.body);
    Some(WrittenMail {
        id: id.to_string(),
        from: from.name().map_or(address.to_owned(), |name| format!("{name} <{address}>")),
        to: to.unwrap_or_default().to_owned(),
        subject: subject.unwrap_or("(no subject)").to_owned(),
        date: message.date()?.to_rfc3339().replace('T', " ").replace('Z', " UTC"),
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
