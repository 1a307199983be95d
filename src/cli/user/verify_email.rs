//! `authflow user verify-email`

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::installation::authflow;
use crate::services::administration::user_links;
use crate::services::audit::Actor;
use crate::services::sign_up::activation::Activated;

pub async fn run(app: &App, actor: Actor<'_>, name: &str) -> Result<(), CommandError> {
    let user = find(app, name).await?;
    let when = match user_links::verify_email(app, actor, user.id).await? {
        Activated::Account => {
            println!("{} is confirmed.", user.email);
            "now"
        }
        Activated::AwaitsApproval => {
            println!(
                "{} is confirmed. The account waits for approval: {} user approve {}",
                user.email,
                authflow(),
                user.email
            );
            "then"
        }
    };
    if user.activated_at.is_none() {
        eprintln!(
            "This was a sign-up. The person who signed up can {when} sign in with the password they chose. If you don't know that it was {}, \
             run {authflow} user delete {} and create the account with {authflow} user create.",
            user.username,
            user.email,
            authflow = authflow()
        );
    }
    Ok(())
}
