//! The start page of a signed-in user.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::account::role::ADMIN;
use crate::domain::addresses;
use crate::domain::gate::guarded_app::GuardedApp;
use crate::domain::setup_step::SetupStep;
use crate::i18n::localized::Localized;
use crate::i18n::message;
use crate::installation::docs_page::DocsPage;
use crate::services::account::attention::{self, Attention};
use crate::services::operations::setup;
use crate::services::sign_in::step_up;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::list_pages::When;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::{Administrator, SignedIn};
use crate::web::visitor::visit::Visit;
use crate::wording::devices::device;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/dashboard.html")]
#[expect(clippy::struct_excessive_bools, reason = "each says what the page shows")]
struct View {
    page: Page,
    username: String,
    handle: Option<String>,
    email: String,
    email_verified: bool,
    has_password: bool,
    second_factor: bool,
    roles: String,
    apps: Vec<AppTile>,
    attention: Vec<Attention>,
    signed_in_at: When,
    /// The steps of the setup that this administrator still has to do.
    setup: Vec<Step>,
    public_url: String,
    emails_are_files: bool,
    /// The page of the documentation about backups.
    backup_page: String,
}

impl View {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn new_device(&self, at: &Timestamp, address: &str, user_agent: &str) -> Localized {
        let device = self.page.t.say(&device(user_agent)).plain();
        self.page.t.attention_new_device_text(address, message::ago(*at), device)
    }

    /// Whether the empty list of apps tells an administrator how to add one, because no step of the setup does.
    fn tells_first_app(&self) -> bool {
        self.page.is_administrator && self.setup.iter().all(|it| it.kind != SetupStep::FirstApp)
    }
}

/// A guarded app.
struct AppTile {
    name: String,
    host: String,
    href: String,
    initial: String,
}

impl AppTile {
    fn of(app: &GuardedApp) -> Self {
        let name = app.label().to_owned();
        let initial = name.chars().take(1).flat_map(char::to_uppercase).collect();
        let host = app.origin.authority().to_owned();
        Self { name, host, href: format!("{}/", app.origin), initial }
    }
}

/// A step of the setup.
struct Step {
    kind: SetupStep,
    title: Localized,
}

/// The field of the button that dismisses a step.
#[derive(Debug, Deserialize)]
pub struct Dismissed {
    step: SetupStep,
}

/// `GET /dashboard`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    view(&visit, page).await
}

/// `POST /admin/setup/dismiss`
pub async fn dismiss(
    visit: Visit<Administrator>,
    page: Page,
    form: Form<Dismissed>,
) -> Result<Response> {
    form.answer(
        page,
        async |Dismissed { step }| {
            let done = setup::dismiss(&visit.app, visit.session().user_id, *step).await;
            done.map_err(Refused::instead)?;
            Ok(visit.go_to(addresses::DASHBOARD))
        },
        async |page, _, _| view(&visit, page).await,
    )
    .await
}

async fn view<W: AsRef<SignedIn>>(visit: &Visit<W>, page: Page) -> Result<Response> {
    let app = &visit.app;
    let SignedIn { session, claims } = visit.signed_in();
    let is_admin = session.roles().any(|role| role == ADMIN);
    let steps = if is_admin { setup::open_steps(app, session.user_id).await? } else { Vec::new() };
    let title = |kind: SetupStep| page.t.say(&kind.into());
    let steps = steps.into_iter().map(|kind| Step { kind, title: title(kind) }).collect();
    let held = step_up::held(app, session.user_id).await?;
    let mut attention = attention::of(app, session, held).await?;
    // The setup has a step for it, which can be dismissed.
    attention.retain(|it| !(is_admin && *it == Attention::NoSecondFactor));
    let roles = page.t.text(&message::list(&claims.roles));
    let signed_in_at = When::with_zone(&page.t, session.created_at);
    let view = View {
        page,
        has_password: held.password,
        second_factor: held.second_factor,
        username: claims.name.to_string(),
        handle: claims.preferred_username.as_ref().map(ToString::to_string),
        email: claims.email.to_string(),
        email_verified: claims.email_verified,
        roles,
        signed_in_at,
        setup: steps,
        apps: app.config.guarded_apps.iter().map(AppTile::of).collect(),
        attention,
        public_url: app.config.public_url.to_string(),
        emails_are_files: app.config.mail.folder().is_some(),
        backup_page: DocsPage::Backup.to_string(),
    };
    Ok(view.into_response())
}
