//! The page that says that an administrator has to approve the account. It is the same for every account.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::pages::page::Page;

/// The page.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/sign_up/awaiting_approval.html")]
pub struct View {
    page: Page,
}

/// `GET /auth/awaiting-approval`
pub async fn show(page: Page) -> View {
    View { page }
}
