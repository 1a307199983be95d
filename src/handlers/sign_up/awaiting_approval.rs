//! Says that an administrator decides on the account. The page is the same for everyone.

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
