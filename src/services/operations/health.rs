//! The readiness of the server.

use crate::app::App;

/// Whether the database responds and has all migrations.
pub async fn is_ready(app: &App) -> bool {
    app.db.is_ready().await
}
