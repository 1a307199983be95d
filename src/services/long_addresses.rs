//! Return addresses that are too long for URLs: saved for a day, while the visitor signs in or signs up.

use std::time::Duration;

use crate::app::App;
use crate::domain::return_address::{SavedId, fits, is_too_long};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::return_addresses;
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// How long an address is kept: as long as a browser keeps the cookie of its sign-in.
const KEPT: Duration = Duration::from_hours(24);

/// Why an address was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It is longer than 8 KiB.
    #[error("the address is too long")]
    TooLong,
    /// The network has saved too many addresses. Contains the time to wait.
    #[error("too many long addresses")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(SaveError);

/// Saves an address that has more than `longest` bytes when it is percent-encoded. `None`: URLs can carry it. Visitors need no session for
/// this, so it is limited per network.
pub async fn save_if_long(
    app: &App,
    source: &Source,
    address: &str,
    longest: usize,
) -> Result<Option<SavedId>, SaveError> {
    if fits(address, longest) {
        return Ok(None);
    }
    if is_too_long(address) {
        return Err(SaveError::TooLong);
    }
    let (id, now) = (SavedId::of(&app.secrets.return_address, address), app.clock.now());
    let saved = return_addresses::find(&app.db, id, now).await?;
    // A reload writes nothing while the row lasts long enough for another sign-in.
    if saved.is_some_and(|(_, expires_at)| expires_at > now.after(KEPT / 2)) {
        return Ok(Some(id));
    }
    transaction!(app.db, |tx| -> Result<_, SaveError> {
        match throttle::count(app, tx, Subject::LongAddressNetwork(source)).await? {
            Ok(()) => return_addresses::put(tx, id, address, now.after(KEPT)).await?,
            Err(wait) => return Err(SaveError::TooMany(wait)),
        }
        Ok(Some(id))
    })
}

/// A saved address, which the caller has to check like any other. `None` if it has expired.
pub async fn find(app: &App, id: SavedId) -> Result<Option<String>> {
    let saved = return_addresses::find(&app.db, id, app.clock.now()).await?;
    Ok(saved.map(|(address, _)| address))
}
