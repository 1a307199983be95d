//! `authflow user accept|refuse|disable|enable`

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::services::administration::user_status;
use crate::services::audit::Actor;

pub async fn accept(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    user_status::accept(app, actor, user.id).await?;
    println!("{} is accepted. The owner gets an email.", user.email);
    Ok(())
}

pub async fn refuse(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    user_status::refuse(app, actor, user.id).await?;
    println!("{} is refused and deleted. The owner gets an email.", user.email);
    Ok(())
}

pub async fn disable(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    user_status::disable(app, actor, user.id).await?;
    println!("{} is disabled, and its sessions have ended.", user.email);
    Ok(())
}

pub async fn enable(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    user_status::enable(app, actor, user.id).await?;
    println!("{} is enabled.", user.email);
    Ok(())
}
