//! Corrects stored times that lie in the future because the clock was set back. Sessions and links are corrected when they are presented.

use crate::app::App;
use crate::error::Result;
use crate::repositories::{email_changes, sign_ups};
use crate::transaction;

/// Treats sign-ups and email changes from the future as begun now, so that they do not reserve an address for too long.
pub async fn correct(app: &App) -> Result<()> {
    let now = app.clock.now();
    let corrected = transaction!(app.db, |tx| -> Result<_> {
        Ok(sign_ups::correct_times(tx, now).await? + email_changes::correct_times(tx, now).await?)
    })?;
    if corrected > 0 {
        tracing::warn!(corrected, "the clock was set back: corrected times that lay in the future");
    }
    Ok(())
}
