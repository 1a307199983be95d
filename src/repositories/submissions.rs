//! The table `submissions`: forms that were accepted in the last minutes.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::submission::{Submission, SubmissionKey};

/// Records that a request was accepted, in its transaction. `false` if another request with the same form and fields was.
pub async fn claim(
    tx: &mut Tx,
    key: SubmissionKey,
    request_id: &str,
    now: Timestamp,
) -> Result<bool> {
    let claimed = query(
        tx,
        "INSERT INTO submissions (key, fields, request_id, accepted_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE SET fields = excluded.fields, request_id = excluded.request_id,
           accepted_at = excluded.accepted_at, location = NULL
           WHERE submissions.request_id = excluded.request_id OR submissions.fields <> excluded.fields",
    )
    .bind(key.form())
    .bind(key.fields())
    .bind(request_id.to_owned())
    .bind(now)
    .execute()
    .await?;
    Ok(claimed == 1)
}

/// Stores the response to an accepted request, whether it was claimed or not.
pub async fn complete(tx: &mut Tx, key: SubmissionKey, submission: &Submission) -> Result<()> {
    query(
        tx,
        "INSERT INTO submissions (key, fields, request_id, accepted_at, location, session_before, session_after, sets_session,
                                  state_id, device)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (key) DO UPDATE SET fields = excluded.fields, request_id = excluded.request_id, location = excluded.location, session_before = excluded.session_before,
           session_after = excluded.session_after, sets_session = excluded.sets_session, state_id = excluded.state_id, device = excluded.device
           WHERE submissions.request_id = excluded.request_id OR submissions.fields <> excluded.fields",
    )
    .bind(key.form())
    .bind(key.fields())
    .bind(submission.request_id.clone())
    .bind(submission.accepted_at)
    .bind(submission.location.clone())
    .bind(submission.session_before)
    .bind(submission.session_after)
    .bind(submission.sets_session)
    .bind(submission.state_id.clone())
    .bind(submission.device.clone())
    .execute()
    .await?;
    Ok(())
}

/// Finds the latest submission of the form, if it had the same fields.
pub async fn find(on: impl Into<Conn<'_>>, key: SubmissionKey) -> Result<Option<Submission>> {
    query(
        on,
        "SELECT request_id, accepted_at, location, session_before, session_after, sets_session, state_id, device
         FROM submissions WHERE key = $1 AND fields = $2",
    )
    .bind(key.form())
    .bind(key.fields())
    .optional()
    .await
}

/// Deletes the submission, if it is still that of `request_id`.
pub async fn delete(tx: &mut Tx, key: SubmissionKey, request_id: &str) -> Result<()> {
    query(tx, "DELETE FROM submissions WHERE key = $1 AND request_id = $2")
        .bind(key.form())
        .bind(request_id.to_owned())
        .execute()
        .await?;
    Ok(())
}

/// Deletes submissions that were accepted before `before`, at most `limit`. Returns how many.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM submissions WHERE accepted_at < $1
           AND key IN (SELECT key FROM submissions WHERE accepted_at < $1 ORDER BY accepted_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
