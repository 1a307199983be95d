//! Remembers what the rules of the proxies require. The rules stand in the proxies' configuration, so the gate learns them from its requests.

use crate::app::App;
use crate::asked_rules::MOST;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::requirement::{AskedRequirement, Requirement};
use crate::domain::gate::rule::Rule;
use crate::error::Result;
use crate::repositories::gate_rules;
use crate::transaction;

/// Records the requirement of a rule, at most once an hour. The request neither waits for it nor fails with it.
pub fn remember(app: &App, origin: &GateOrigin, rule: &Rule) {
    let Some(requirement) = Requirement::of(rule) else { return };
    if !app.asked_rules.is_due(origin.as_str(), &requirement, app.clock.now()) {
        return;
    }
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
        Ok(gate_rules::make_room(tx, origin.as_str(), most()).await?)
    })
}

/// What the proxy has required for an app, the latest first.
pub async fn of(app: &App, origin: &GateOrigin) -> Result<Vec<AskedRequirement>> {
    Ok(gate_rules::of_origin(&app.db, origin.as_str(), most()).await?)
}

fn most() -> i64 {
    i64::try_from(MOST).unwrap_or(i64::MAX)
}
