//! Choosing a password.

use std::time::Duration;

use crate::app::App;
use crate::domain::password::{InvalidPassword, Password};
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::services::throttle::{self, Subject};

/// Why a password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// Too short, too long or too easy to guess.
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    /// Too many were judged for one network; how long to wait.
    #[error("too many passwords")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Judges a password that somebody wants to use from now on. `context`: what a guesser knows of them, already checked, so
/// that it is short.
pub async fn choose(
    app: &App,
    text: &str,
    context: &[&str],
    source: &Source,
) -> Result<Password, ChooseError> {
    // What is refused without judging costs nothing and is not counted.
    let typed = Password::parse(text)?;
    let min_length = app.config.passwords.min_length;
    if typed.bare().chars().count() < min_length {
        return Err(InvalidPassword::TooShort(min_length).into());
    }
    let mut tx = app.db.begin().await?;
    let counted = throttle::count(app, &mut tx, Subject::ChooseNetwork(source.network())).await?;
    tx.commit().await?;
    counted.map_err(ChooseError::TooMany)?;
    Ok(app.hasher.choose(text, context).await??)
}
