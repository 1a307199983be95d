//! The table `emailed_codes`: the tries at codes that were emailed to signed-in users. The codes themselves are stored nowhere.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::{MailId, SessionId, UserId};
use crate::domain::sign_in::emailed_code::CodeStanding;

/// Adds the code of an email. It replaces the code that was sent to the same session before.
pub async fn put(
    tx: &mut Tx,
    session: SessionId,
    user: UserId,
    mail: MailId,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "INSERT INTO emailed_codes (session_id, mail_id, user_id, created_at, tries) VALUES ($1, $2, $3, $4, 0)
         ON CONFLICT (session_id) DO UPDATE SET mail_id = excluded.mail_id, created_at = excluded.created_at, tries = 0,
                                                spent_at = NULL",
    )
    .bind(session)
    .bind(mail)
    .bind(user)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The code of an email, unless another one has replaced it.
pub async fn find(on: impl Into<Conn<'_>>, mail: MailId) -> Result<Option<CodeStanding>> {
    query(on, "SELECT created_at, tries, spent_at FROM emailed_codes WHERE mail_id = $1")
        .bind(mail)
        .optional()
        .await
}

/// Counts a try at the code of an email, asked for by this session after `since` and up to `until`. Returns the number of this try.
/// `None`: the code has been used or replaced, has expired, or has had `most` tries. Of parallel tries, at most `most` are counted.
pub async fn count_try(
    tx: &mut Tx,
    session: SessionId,
    mail: MailId,
    (since, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Option<i64>> {
    let counted: Option<(i64,)> = query(
        tx,
        "UPDATE emailed_codes SET tries = tries + 1
         WHERE session_id = $1 AND mail_id = $2 AND created_at > $3 AND created_at <= $4 AND tries < $5 AND spent_at IS NULL
         RETURNING tries",
    )
    .bind(session)
    .bind(mail)
    .bind(since)
    .bind(until)
    .bind(most)
    .optional()
    .await?;
    Ok(counted.map(|(tries,)| tries))
}

/// Spends the code of an email. Of parallel requests, one gets `true`.
pub async fn spend(tx: &mut Tx, session: SessionId, mail: MailId, now: Timestamp) -> Result<bool> {
    let spent = query(
        tx,
        "UPDATE emailed_codes SET spent_at = $3 WHERE session_id = $1 AND mail_id = $2 AND spent_at IS NULL",
    )
    .bind(session)
    .bind(mail)
    .bind(now)
    .execute()
    .await?;
    Ok(spent == 1)
}

/// The codes of a user, newest first, at most `limit`.
pub async fn of_user(
    on: impl Into<Conn<'_>>,
    user: UserId,
    limit: i64,
) -> Result<Vec<CodeStanding>> {
    query(
        on,
        "SELECT created_at, tries, spent_at FROM emailed_codes WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2",
    )
    .bind(user)
    .bind(limit)
    .all()
    .await
}

/// Deletes the codes of a user, so that none of them works.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM emailed_codes WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Deletes codes that were asked for before `before`, at most `limit`. Returns how many.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM emailed_codes WHERE created_at < $1
           AND session_id IN (SELECT session_id FROM emailed_codes WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
