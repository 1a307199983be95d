//! Forms that are sent twice: remembers accepted forms for ten minutes, so that a repeat ends like the first one.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::source::Source;
use crate::domain::submission::{Submission, SubmissionKey};
use crate::error::{Error, Result};
use crate::repositories::submissions;
use crate::transaction;

/// Claims the form of this request, in the transaction of what the form does. If another request with the same form has done it, this
/// fails, and so does the transaction.
pub async fn claim(tx: &mut Tx, source: &Source, now: Timestamp) -> Result<()> {
    let Some(key) = source.submission else { return Ok(()) };
    if submissions::claim(tx, key, &source.request_id, now).await? {
        Ok(())
    } else {
        Err(Error::SubmittedTwice)
    }
}

/// Finds an accepted form.
pub async fn find(app: &App, key: SubmissionKey) -> Result<Option<Submission>> {
    Ok(submissions::find(&app.db, key).await?)
}

/// Stores where the response to an accepted form led.
pub async fn complete(app: &App, key: SubmissionKey, submission: &Submission) -> Result<()> {
    transaction!(app.db, |tx| { submissions::complete(tx, key, submission).await })?;
    Ok(())
}

/// Forgets a form that this request accepted. The next request with the same form does what it asks for.
pub async fn forget(app: &App, key: SubmissionKey, request_id: &str) -> Result<()> {
    transaction!(app.db, |tx| { submissions::delete(tx, key, request_id).await })?;
    Ok(())
}
