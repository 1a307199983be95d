//! The mails that the `file` transport has written, for development: only where nobody but this machine can mean the site.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::app::App;
use crate::error::Result;
use crate::mail::file::{self, Found, WrittenMail};
use crate::web::client::Client;
use crate::web::error::{Problem, trouble};
use crate::web::page::Page;

const SHOWN: usize = 100;

#[derive(Template, WebTemplate)]
#[template(path = "pages/dev_mail_list.html")]
struct List {
    page: Page,
    mails: Vec<Found>,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/dev_mail_show.html")]
struct Show {
    page: Page,
    mail: WrittenMail,
    pieces: Vec<Piece>,
}

/// A stretch of a mail's text.
struct Piece {
    text: String,
    is_link: bool,
}

/// Whether this client may look into the mailbox.
#[must_use]
pub fn is_open(app: &App, client: &Client, headers: &HeaderMap) -> bool {
    app.config.mailbox().is_some() && client.is_local(headers)
}

fn folder(app: &App) -> std::path::PathBuf {
    app.config.mailbox().unwrap_or(std::path::Path::new("")).to_owned()
}

/// `GET /dev/mail`
pub async fn list(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    page: Page,
) -> Result<Response> {
    if !is_open(&app, &client, &headers) {
        return Ok(Problem::not_found().into_response());
    }
    let mails = file::list(folder(&app), SHOWN).await?;
    Ok(List { page, mails }.into_response())
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
    Ok(Show { page, mail, pieces }.into_response())
}

/// The mail with this id, for whoever may look into the mailbox. Nobody else learns that there is one.
async fn find(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    id: &str,
) -> Result<WrittenMail, Problem> {
    if !is_open(app, client, headers) {
        return Err(Problem::not_found());
    }
    let found = match Uuid::try_parse(id) {
        Ok(id) => {
            file::read(app.config.mail_folder(), id).await.map_err(|error| trouble(&error))?
        }
        Err(_) => None,
    };
    let text = match found {
        Some(Ok(mail)) => return Ok(mail),
        Some(Err(broken)) => broken.to_string(),
        None => "There is no mail at this address, or its file has been deleted.".into(),
    };
    let href = format!("{}/dev/mail", app.config.public_url.base());
    Err(Problem::new(StatusCode::NOT_FOUND, text).with_way_on(href, "Open the mailbox"))
}

/// Takes the text apart where words are addresses of this site.
fn link(text: &str, site: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let (bare, blank) = word.split_at(word.trim_end().len());
        pieces.push(Piece { text: bare.to_owned(), is_link: bare.starts_with(site) });
        pieces.push(Piece { text: blank.to_owned(), is_link: false });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_site_become_links() {
        let pieces = link("See http://x/a,\nor http://y/b\n\nhttp://x/c", "http://x");
        let links: Vec<&str> =
            pieces.iter().filter(|it| it.is_link).map(|it| it.text.as_str()).collect();
        assert_eq!(links, ["http://x/a,", "http://x/c"]);
        assert_eq!(
            pieces.iter().map(|it| it.text.as_str()).collect::<String>(),
            "See http://x/a,\nor http://y/b\n\nhttp://x/c"
        );
    }
}
