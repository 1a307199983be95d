//! The `file` transport: one `.eml` file per mail in a folder, for development and for looking into.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use mail_parser::MessageParser;
use uuid::Uuid;

use crate::domain::id::MailId;
use crate::error::{Error, Result};
use crate::folder::check_writable;
use crate::mail::message::to_mime;
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
    /// Whom it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it was asked for.
    pub date: String,
    /// Its text part.
    pub text: String,
}

/// The mails in `folder`, latest written first, `limit` at most.
pub async fn list(folder: PathBuf, limit: usize) -> Result<Vec<WrittenMail>> {
    blocking(move || {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mails = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let id = Uuid::try_parse(entry.file_name().to_str()?.strip_suffix(".eml")?).ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, id))
        });
        let mut mails: Vec<_> = mails.collect();
        mails.sort_unstable();
        mails.iter().rev().take(limit).map(|(_, id)| read_one(&folder, *id)).collect()
    })
    .await
}

/// One mail of `folder`.
pub async fn read(folder: PathBuf, id: Uuid) -> Result<Option<WrittenMail>> {
    let mail = blocking(move || match read_one(&folder, id) {
        Ok(mail) => Ok(Some(mail)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    });
    mail.await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other).flatten();
    done.map_err(Error::io("reading the mails' files"))
}

fn read_one(folder: &Path, id: Uuid) -> std::io::Result<WrittenMail> {
    let bytes = fs::read(folder.join(format!("{id}.eml")))?;
    let message = MessageParser::default().parse(&bytes).ok_or_else(|| {
        std::io::Error::new(ErrorKind::InvalidData, format!("{id}.eml is no mail"))
    })?;
    let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
    Ok(WrittenMail {
        id: id.to_string(),
        to: to.unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        date: message
            .date()
            .map(|date| date.to_rfc3339().replace('T', " ").replace('Z', " UTC"))
            .unwrap_or_default(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
    })
}
