//! The pages for administrators.

mod accounts;
mod audit;
mod email_addresses;
mod emails;
mod overview;
mod roles;
mod user_list;

use super::support::*;

/// A site with a signed-in administrator.
async fn site() -> (TestApp, Browser) {
    let app = TestApp::start().await;
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    (app, root)
}

/// The page of the account with this address.
async fn page_of(root: &Browser, email: &str) -> String {
    let list = root.get(&format!("/admin/users?search={}", email.replace('@', "%40"))).await;
    let links = list.is(200).select(".list th a");
    assert_eq!(links.len(), 1, "{}", list.text());
    links[0]["href"].clone()
}
