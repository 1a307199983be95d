//! `authflow user approve|reject|disable|enable`

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::services::administration::user_status;
use crate::services::audit::Actor;

pub async fn approve(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    user_status::approve(app, actor, user.id).await?;
    println!("{} is approved. The owner gets an email.", user.email);
    Ok(())
}

pub async fn reject(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    user_status::reject(app, actor, user.id).await?;
    println!("{} is rejected and deleted. The owner gets an email.", user.email);
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
