//! Lists with very many rows.

mod captions;
mod paging;
mod seed;
mod weight;
mod whole;

use std::collections::BTreeSet;

pub use self::seed::{
    add_emails, add_entries, add_invitations, add_requests, add_sessions, add_users,
};
use super::support::*;

/// Where the link to the next page of the list in this section leads.
fn next(page: &Page, section: &str) -> Option<String> {
    step(page, section, "next")
}

fn step(page: &Page, section: &str, rel: &str) -> Option<String> {
    let links = page.select(&format!("{section} a[rel={rel}]"));
    links.into_iter().next().map(|it| it["href"].clone())
}

/// The rows of all pages of a list, page by page.
async fn walk(browser: &Browser, path: &str, section: &str) -> Vec<Vec<String>> {
    walk_by(browser, path, section, "next").await
}

async fn walk_by(browser: &Browser, path: &str, section: &str, rel: &str) -> Vec<Vec<String>> {
    let (mut pages, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(here) = path {
        let page = browser.get(&here).await;
        pages.push(rows(page.is(200), section));
        path = step(&page, section, rel);
        assert!(pages.len() < 100, "the pages never end");
    }
    pages
}

/// The rows of the list in this section, without what differs each time.
fn rows(page: &Page, section: &str) -> Vec<String> {
    page.each(&format!("{section} .list tbody tr"))
}

/// Every list of the pages, with its section.
fn lists(user: &str) -> [(&str, &'static str); 9] {
    [
        ("/profile/sessions", ""),
        ("/profile/activity", ""),
        ("/admin/users", ""),
        ("/admin/invitations", ""),
        ("/admin/emails", ""),
        ("/admin/emails?state=failed", ""),
        ("/admin/audit", ""),
        (user, "#sessions"),
        (user, "#emails"),
    ]
}

/// The rows of all pages, which have to be different.
fn distinct(pages: &[Vec<String>]) -> BTreeSet<&String> {
    let all: BTreeSet<_> = pages.iter().flatten().collect();
    assert_eq!(all.len(), pages.iter().map(Vec::len).sum::<usize>(), "a row appears twice");
    all
}
