//! The development mailbox: emails that the `file` transport has written, only for clients on this machine.

use std::path::PathBuf;

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use uuid::Uuid;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::paging::PageRequest;
use crate::error::{self, Error};
use crate::i18n::message::{self, Message};
use crate::mail::file::{self, BrokenFile, WrittenMail};
use crate::web::http::client::Client;
use crate::web::http::headers::POLICY;
use crate::web::http::problem::Problem;
use crate::web::pages::list_pages::{ListAddress, ListPages, When, request};
use crate::web::pages::page::Page;

const READING: &str = "reading the files of the emails";

/// The policy for the HTML part of an email: it may have styles, and links that the user clicks. The sandbox gives it an opaque origin,
/// so that the browser treats it as another site.
const HTML_POLICY: &str = "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; \
                           img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";
/// Makes links open in the whole window. Browsers accept this element even after the end of the document.
const WHOLE_WINDOW: &str = "<base target=\"_top\">\n";

#[derive(Template, WebTemplate)]
#[template(path = "pages/operations/dev_mail_list.html")]
struct List {
    page: Page,
    mails: Vec<Result<Row, Message>>,
    pages: ListPages,
}

/// An email in the list.
struct Row {
    id: String,
    subject: String,
    to: String,
    date: When,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/operations/dev_mail_show.html")]
struct Show {
    page: Page,
    subject: String,
    date: String,
    mail: WrittenMail,
    pieces: Vec<Piece>,
}

/// A part of an email's text.
struct Piece {
    text: String,
    is_link: bool,
}

/// Whether the client may see the mailbox.
#[must_use]
pub fn is_open(app: &App, client: &Client, headers: &HeaderMap) -> bool {
    mailbox(app, client, headers).is_some()
}

/// The folder of the mailbox, if the client may see it.
fn mailbox(app: &App, client: &Client, headers: &HeaderMap) -> Option<PathBuf> {
    app.config.mailbox().filter(|_| client.is_local(headers)).map(ToOwned::to_owned)
}

/// `GET /dev/mail`: the emails, newest first.
pub async fn list(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    page: Page,
    RawQuery(query): RawQuery,
) -> error::Result<Response> {
    let Some(folder) = mailbox(&app, &client, &headers) else {
        return Ok(Problem::not_found().into_response());
    };
    let request: PageRequest<Uuid> = request(query.as_deref());
    let found = file::page(folder, request).await.map_err(Error::io(READING))?;
    let (path, list) = (addresses::DEV_MAIL, ListAddress::default());
    let pages = ListPages::new(&app, &page.t, path, list, request.size, &found);
    let row = |mail: WrittenMail| Row {
        subject: subject(&page, &mail),
        date: When::new(&page.t, mail.date),
        id: mail.id,
        to: mail.to,
    };
    let mails = found.rows.into_iter().map(|it| it.map(row).map_err(said)).collect();
    Ok(List { page, mails, pages }.into_response())
}

/// `GET /dev/mail/{id}`
pub async fn show(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mail = find(&app, &client, &headers, &id).await?;
    let pieces = link(&mail.text, &app.config.public_url.to_string());
    let policy = [(CONTENT_SECURITY_POLICY, format!("{POLICY}; frame-src 'self'"))];
    let (subject, date) = (subject(&page, &mail), page.t.time(mail.date));
    Ok((policy, Show { page, subject, date, mail, pieces }).into_response())
}

fn subject(page: &Page, mail: &WrittenMail) -> String {
    match mail.subject.as_str() {
        "" => page.t.mailbox_no_subject().to_owned(),
        subject => subject.to_owned(),
    }
}

fn said(broken: BrokenFile) -> Message {
    match broken.error {
        Some(error) => message::mailbox_unreadable(error, broken.name),
        None => message::mailbox_broken(broken.name),
    }
}

/// `GET /dev/mail/{id}/html`: the HTML part itself.
pub async fn html(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mail = find(&app, &client, &headers, &id).await?;
    let Some(html) = mail.html else {
        let href = app.config.public_url.path(addresses::DEV_MAIL_SHOW.of(mail.id));
        let problem = Problem::new(StatusCode::NOT_FOUND, message::mailbox_no_html());
        return Err(problem.with_way_on(href, message::mailbox_open_email()));
    };
    let headers = [
        (CONTENT_SECURITY_POLICY, HTML_POLICY),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
        // Outside of a frame, browsers refuse to show a sandboxed page with the default opener policy of this site (HTML standard).
        (HeaderName::from_static("cross-origin-opener-policy"), "unsafe-none"),
    ];
    Ok((headers, Html(html + WHOLE_WINDOW)).into_response())
}

/// The email with this id, if the client may see the mailbox. Other clients get 404, as if there were no mailbox.
async fn find(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    id: &str,
) -> Result<WrittenMail, Problem> {
    let folder = mailbox(app, client, headers).ok_or_else(Problem::not_found)?;
    let found = match Uuid::try_parse(id) {
        Ok(id) => {
            let read = file::read(folder, id).await.map_err(Error::io(READING));
            read.map_err(|error| Problem::of_error(&error))?
        }
        Err(_) => None,
    };
    let text = match found {
        Some(Ok(mail)) => return Ok(mail),
        Some(Err(broken)) => said(broken),
        None => message::mailbox_gone(),
    };
    let href = app.config.public_url.path(addresses::DEV_MAIL);
    Err(Problem::new(StatusCode::NOT_FOUND, text).with_way_on(href, message::mailbox_open()))
}

fn is_of(address: &str, site: &str) -> bool {
    address.strip_prefix(site).is_some_and(|path| path.starts_with('/'))
}

/// Splits the text into links to this site and the text between them.
fn link(text: &str, site: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let (bare, space) = word.split_at(word.trim_end().len());
        pieces.push(Piece { text: bare.to_owned(), is_link: is_of(bare, site) });
        pieces.push(Piece { text: space.to_owned(), is_link: false });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_this_site_become_links() {
        let pieces = link("See http://x/a,\nor http://y/b\n\nhttp://x/c http://x.y/d", "http://x");
        let links: Vec<&str> =
            pieces.iter().filter(|it| it.is_link).map(|it| it.text.as_str()).collect();
        assert_eq!(links, ["http://x/a,", "http://x/c"]);
        assert_eq!(
            pieces.iter().map(|it| it.text.as_str()).collect::<String>(),
            "See http://x/a,\nor http://y/b\n\nhttp://x/c http://x.y/d"
        );
    }
}
