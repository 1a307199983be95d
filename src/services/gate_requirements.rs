//! Remembers what the rules of the proxies require. The rules are in the proxies' configuration, so the gate learns them from its requests.

use crate::app::App;
use crate::asked_rules::MOST;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::requirement::{AskedRequirement, Requirement};
use crate::domain::gate::rule::Rule;
use crate::error::Result;
use crate::repositories::gate_rules;
use crate::transaction;

/// Records the requirement of a rule, at most once an hour. The request neither waits for it nor fails with it. Only for requests of signed-in
/// users, because a rule is recorded as it was sent, and anyone who reaches the gate's address can send any.
pub fn remember(app: &App, origin: &GateOrigin, rule: &Rule) {
    if !app.asked_rules.is_due(origin.as_str(), rule, app.clock.now()) {
        return;
    }
    let Some(requirement) = Requirement::of(rule) else { return };
    let (app, origin) = (app.clone(), origin.clone());
    tokio::spawn(async move {
        if let Err(error) = record(&app, &origin, &requirement).await {
            tracing::warn!(%error, %origin, "could not record the rule of a guarded app; the page of roles may lack it for an hour");
        }
    });
}

async fn record(app: &App, origin: &GateOrigin, requirement: &Requirement) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_> {
        gate_rules::put(tx, origin.as_str(), requirement, now).await?;
        Ok(gate_rules::make_room(tx, origin.as_str(), i64::from(MOST)).await?)
    })
}

/// What the proxies have required for all apps, the latest first.
pub async fn all(app: &App) -> Result<Vec<AskedRequirement>> {
    Ok(gate_rules::all(&app.db).await?)
}
