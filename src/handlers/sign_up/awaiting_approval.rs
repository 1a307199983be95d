//! 'Somebody looks at your account first': the same for everybody who comes here.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::page::Page;

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
