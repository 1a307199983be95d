//! What the demo prints when it is ready.

use askama::Template;

use super::accounts::{SampleState, SampleUser, USERS};
use super::settings::ROLE;
use crate::config::Config;
use crate::domain::addresses;
use crate::error::Result;

#[derive(Template)]
#[template(path = "demo/greeting.txt", escape = "none")]
struct Greeting {
    authflow: String,
    apps: String,
    emails: String,
    administration: String,
    users: &'static [SampleUser],
    role: &'static str,
}

impl Greeting {
    /// The roles of a user, and why the user can't sign in.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn roles(&self, user: &SampleUser) -> String {
        let roles = if user.roles.is_empty() { "none".to_owned() } else { user.roles.join(", ") };
        match user.state {
            SampleState::Active => roles,
            SampleState::Unconfirmed => {
                format!("{roles} (unconfirmed: open the link in the email)")
            }
            SampleState::Disabled => format!("{roles} (disabled)"),
        }
    }
}

pub fn render(config: &Config) -> Result<String> {
    let url = |address| config.public_url.link(address);
    let apps: Vec<&str> = config.guarded_apps.iter().map(|it| it.origin.as_str()).collect();
    let greeting = Greeting {
        authflow: url(addresses::SIGN_IN),
        apps: apps.join(", "),
        emails: url(addresses::DEV_MAIL),
        administration: url(addresses::ADMINISTRATION),
        users: &USERS,
        role: ROLE,
    };
    Ok(greeting.render()?)
}
