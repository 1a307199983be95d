//! The list of users.

use authflow::clock::Timestamp;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::username::Username;
use authflow::domain::id::UserId;
use authflow::error::Result;
use authflow::repositories::users::{self, NewUser};
use authflow::transaction;

use super::*;

/// A site with an administrator and 122 users, many of them equal in the sort columns.
async fn crowded_site() -> (TestApp, Browser) {
    let (app, root) = site().await;
    app.person("zoe@example.org").await;
    app.rename("zoe@example.org", "Ångström").await;
    let now = app.app.clock.now();
    let added = transaction!(app.app.db, |tx| -> Result<_> {
        for n in 0..120 {
            let email = EmailAddress::parse(&format!("p{n:03}@example.org")).unwrap();
            let username = Username::parse(&format!("100%_{n:03}")).unwrap();
            let at = Timestamp(now.0 - 1_000 + n / 3); // three per second, so the id breaks ties
            let user = NewUser {
                id: UserId::new(now),
                email: &email,
                username: &username,
                activated_at: Some(at),
                email_verified_at: (n % 2 == 0).then_some(at),
                invitation: None,
                language: None,
            };
            assert!(users::put(tx, &user, at).await?);
            if n % 10 == 0 {
                users::disable(tx, user.id, at).await?;
            }
        }
        Ok(())
    });
    added.unwrap();
    (app, root)
}

/// The names on all pages of the list for this query.
async fn names(root: &Browser, query: &str) -> Vec<String> {
    let (mut all, mut path) = (Vec::new(), format!("/admin/users?{query}"));
    loop {
        let page = root.get(&path).await;
        all.extend(page.is(200).each(".list th a"));
        let next = page.select("a[rel=next]").into_iter().next();
        let Some(next) = next else { return all };
        path.clone_from(&next["href"]);
        assert!(all.len() < 500, "the pages never end");
    }
}

#[tokio::test]
async fn every_sort_order_lists_each_user_once() {
    let (_app, root) = crowded_site().await;
    for sort in ["newest", "name", "email", "last-sign-in", "nonsense"] {
        let mut all = names(&root, &format!("sort={sort}")).await;
        assert_eq!(all.len(), 122, "{sort}");
        if sort == "name" {
            assert!(
                all.windows(2).all(|pair| pair[0].to_lowercase() <= pair[1].to_lowercase()),
                "{all:?}"
            );
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 122, "{sort}");
    }
    let latest = &names(&root, "sort=last-sign-in").await[..2];
    assert!(latest.iter().all(|name| !name.starts_with("100")), "{latest:?}");
}

#[tokio::test]
async fn users_are_searched_and_filtered() {
    let (_app, root) = crowded_site().await;
    let names = async |query: &str| names(&root, query).await;
    assert_eq!(names("search=P00").await.len(), 10, "the search ignores case");
    assert_eq!(names("search=%C3%85NG").await, ["Ångström"]);
    assert_eq!(names("search=100%25_").await.len(), 120, "pattern characters are literal");
    assert_eq!(names("search=100%25x").await.len(), 0);
    assert_eq!(names("status=unverified").await.len(), 60);
    assert_eq!(names("status=disabled").await.len(), 12);
    assert_eq!(names("status=active").await.len(), 50);
    assert_eq!(names("role=admin").await.len(), 1);
    assert_eq!(names("role=nobody").await.len(), 0);
    assert_eq!(names("second_factor=on").await.len(), 0);
    assert_eq!(names("second_factor=off&status=disabled&search=p0").await.len(), 10);
    // The form keeps the selected filters.
    let page = root.get("/admin/users?search=%3Cb%3E&status=disabled&sort=name").await;
    assert_eq!(page.value("search").as_deref(), Some("<b>"));
    let chosen: Vec<_> =
        page.select("option[selected]").iter().map(|it| it["value"].clone()).collect();
    assert_eq!(chosen, ["disabled", "name"]);
    page.says("No users match these filters.").says("Clear filters");
}
