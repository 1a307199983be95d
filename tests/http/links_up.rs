//! The links that lead from a page of the account or the administration back to the page above it.

use authflow::routes;

use super::support::*;

/// Where the link of a page leads, and its words.
fn up(page: &Page) -> Option<(String, String)> {
    let links = page.select(".sections .up").into_iter().map(|it| it["href"].clone());
    links.zip(page.each(".sections .up")).next()
}

/// Whether a link or a form of the page leads to `path`.
fn leads_to(page: &Page, path: &str) -> bool {
    let path = path.replace("?replace=on", "");
    let links = page.select("main a, .sections li a").into_iter().map(|mut it| it.remove("href"));
    let forms = page.select("main form").into_iter().map(|mut it| it.remove("action"));
    let mut targets = links.chain(forms).flatten();
    targets.any(|it| it.split('?').next() == Some(&path))
}

#[tokio::test]
async fn every_link_up_leads_to_the_page_above() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    app.person("bea@example.org").await;
    let invitation = [("days", "7"), ("email", "cleo@example.org")];
    let invited = ada.press("/admin/users/invite", "Create invitation", &invitation).await;
    let invitation = invited.is(303).header("location").to_owned();
    app.put_totp(app.user("bea@example.org").await.id).await;
    ada.enable_two_factor(&app).await;
    let user = format!("/admin/users/{}", app.user("bea@example.org").await.id);
    let below_user = ["delete", "remove-second-factor"].map(|it| format!("{user}/{it}"));
    let expected = [
        ("/profile/email", "/profile", "Account"),
        ("/profile/password", "/profile", "Account"),
        ("/profile/two-factor", "/profile", "Account"),
        ("/profile/two-factor?replace=on", "/profile/two-factor", "Two-factor authentication"),
        ("/profile/two-factor/recovery-codes", "/profile/two-factor", "Two-factor authentication"),
        ("/profile/sessions", "/profile", "Account"),
        ("/profile/activity", "/profile", "Account"),
        ("/profile/delete", "/profile", "Account"),
        ("/admin/users", "/admin", "Administration"),
        (&user, "/admin/users", "Users"),
        (&below_user[0], &user, "Back to the user"),
        (&below_user[1], &user, "Back to the user"),
        ("/admin/users/invite", "/admin/invitations", "Invitations"),
        ("/admin/roles", "/admin", "Administration"),
        ("/admin/invitations", "/admin", "Administration"),
        (&invitation, "/admin/invitations", "Invitations"),
        ("/admin/emails", "/admin", "Administration"),
        ("/admin/audit", "/admin", "Administration"),
        ("/admin/doctor", "/admin", "Administration"),
    ];
    for (path, parent, words) in expected {
        let found = up(ada.get(path).await.is(200)).expect(path);
        assert_eq!((found.0.as_str(), found.1.as_str()), (parent, words), "{path}");
        let above = ada.get(parent).await;
        assert!(leads_to(above.is(200), path), "{parent} does not lead to {path}");
        assert!(
            above.select(".sections.open").is_empty() || ["/profile", "/admin"].contains(&parent)
        );
    }
    // No other page has such a link, but for the first of each list, which is the list on a phone.
    let mut others = Vec::new();
    for (route, _) in routes::table(&app.app) {
        let id = if route.contains("/users/") { &user } else { &invitation };
        let id = id.rsplit('/').next().unwrap();
        let path = route.replace("{id}", id);
        let is_known = expected.iter().any(|(known, ..)| *known == path);
        if path.contains('{')
            || is_known
            || !path.starts_with("/profile") && !path.starts_with("/admin")
        {
            continue;
        }
        let page = ada.get(&path).await;
        if let Some((parent, _)) = up(&page) {
            assert_eq!((parent.as_str(), page.select(".sections.open").len()), (&*path, 1));
            others.push(path);
        }
    }
    others.sort_unstable();
    assert_eq!(others, ["/admin", "/profile"]);
    // A form that is refused keeps the link.
    let roles = [("roles", "No; role")];
    let refused = ada.fill_in(&user, &format!("{user}/roles"), &roles).await;
    assert_eq!(up(refused.is(422)).unwrap().0, "/admin/users");
}
