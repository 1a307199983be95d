//! `authflow user accept|refuse|disable|enable`

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::services::administration::accounts::{self, Actor};

pub async fn accept(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    accounts::accept(app, actor, user.id).await?;
    println!("{} is accepted. The owner gets an email.", user.email);
    Ok(())
}

pub async fn refuse(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    accounts::refuse(app, actor, user.id).await?;
    println!("{} is refused and deleted. The owner gets an email.", user.email);
    Ok(())
}

pub async fn disable(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    accounts::disable(app, actor, user.id).await?;
    println!("{} is disabled, and its sessions have ended.", user.email);
    Ok(())
}

pub async fn enable(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    accounts::enable(app, actor, user.id).await?;
    println!("{} is enabled.", user.email);
    Ok(())
}
