//! Finds the account named on the command line.

use super::error::CommandError;
use crate::app::App;
use crate::domain::account::user_list::ListedUser;
use crate::installation::authflow;
use crate::services::administration::user_lookup;

/// `name` is an email address, a handle or an ID.
pub async fn find(app: &App, name: &str) -> Result<ListedUser, CommandError> {
    let found = user_lookup::named(app, name).await?;
    found.ok_or_else(|| {
        CommandError::Refused(format!(
            "There is no account {name:?}. To search email addresses, names and handles: {} user list --search TEXT",
            authflow()
        ))
    })
}
