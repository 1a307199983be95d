//! The links that lead from a page of the account or the administration back to the page above it.

use authflow::routes;

use super::support::*;

/// Where the link of a page leads, and its words.
fn up(page: &Page) -> Option<(String, String)> {
    let links = page.select(".sections .up").into_iter().map(|it| it["href"].clone());
    links.zip(page.each(".sections .up")).next()
}

/// Whether a link or a form of the page leads to `path`, with its query if it has one.
fn leads_to(page: &Page, path: &str) -> bool {
    let without_query = |it: &str| it.split('?').next() == Some(path);
    let links = page.select("main a, .sections li a").into_iter().map(|mut it| it.remove("href"));
    let forms = page.select("main form").into_iter().map(|mut it| it.remove("action"));
    let mut targets = links.chain(forms).flatten();
    targets.any(|it| it == path || without_query(&it))
}

/// A site where every page with a link up can be opened.
struct Site {
    app: TestApp,
    ada: Browser,
    /// The page of a user with a second factor.
    user: String,
    /// The page of an invitation.
    invitation: String,
}

impl Site {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let ada = app.person(ADA).await;
        app.give_role(ADA, "admin").await;
        app.person("bea@example.org").await;
        app.put_totp(app.user("bea@example.org").await.id).await;
        let user = format!("/admin/users/{}", app.user("bea@example.org").await.id);
        let fields = [("days", "7"), ("email", "cleo@example.org")];
        let invited = ada.press("/admin/users/invite", "Create invitation", &fields).await;
        let invitation = invited.is(303).header("location").to_owned();
        ada.enable_two_factor(&app).await;
        Self { app, ada, user, invitation }
    }

    /// Each page with a link up, where the link leads, and its words.
    fn expected(&self) -> Vec<(String, &str, &'static str)> {
        let (user, invitation) = (self.user.as_str(), self.invitation.as_str());
        let two_factor = "/profile/two-factor";
        let mut all: Vec<(String, &str, &str)> = vec![
            (format!("{two_factor}?replace=on"), two_factor, "Two-factor authentication"),
            (format!("{two_factor}/recovery-codes"), two_factor, "Two-factor authentication"),
            (user.into(), "/admin/users", "Users"),
            (format!("{user}/delete"), user, "Back to the user"),
            (format!("{user}/remove-second-factor"), user, "Back to the user"),
            ("/admin/users/invite".into(), "/admin/invitations", "Invitations"),
            (invitation.into(), "/admin/invitations", "Invitations"),
        ];
        for page in ["email", "password", "two-factor", "sessions", "activity", "delete"] {
            all.push((format!("/profile/{page}"), "/profile", "Account"));
        }
        for page in ["users", "roles", "invitations", "emails", "audit", "doctor"] {
            all.push((format!("/admin/{page}"), "/admin", "Administration"));
        }
        all
    }
}

#[tokio::test]
async fn every_link_up_leads_to_the_page_above() {
    let site = Site::start().await;
    for (path, parent, words) in site.expected() {
        let found = up(site.ada.get(&path).await.is(200)).expect(&path);
        assert_eq!((found.0.as_str(), found.1.as_str()), (parent, words), "{path}");
        let above = site.ada.get(parent).await;
        assert!(leads_to(above.is(200), &path), "{parent} does not lead to {path}");
    }
    // A form that is refused keeps the link.
    let (user, roles) = (&site.user, [("roles", "No; role")]);
    let refused = site.ada.fill_in(user, &format!("{user}/roles"), &roles).await;
    assert_eq!(up(refused.is(422)).unwrap().0, "/admin/users");
}

#[tokio::test]
async fn every_page_with_a_link_up_is_known() {
    let site = Site::start().await;
    let known = site.expected();
    let mut first_pages = Vec::new();
    for (route, _) in routes::table(&site.app.app) {
        let place = if route.contains("/users/") { &site.user } else { &site.invitation };
        let path = route.replace("{id}", place.rsplit('/').next().unwrap());
        let has_sections = path.starts_with("/profile") || path.starts_with("/admin");
        if !has_sections || path.contains('{') || known.iter().any(|(it, ..)| *it == path) {
            continue;
        }
        let page = site.ada.get(&path).await;
        if let Some((parent, _)) = up(&page) {
            // On a phone this page has the list of all others, and no link.
            assert_eq!((&parent, page.select(".sections.open").len()), (&path, 1));
            first_pages.push(path);
        }
    }
    first_pages.sort_unstable();
    assert_eq!(first_pages, ["/admin", "/profile"]);
}
