//! Whether the server can do its work.

use crate::app::App;

/// Whether the database answers and has all migrations.
pub async fn is_ready(app: &App) -> bool {
    app.db.is_ready().await
}
