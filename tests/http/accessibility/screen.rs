//! The states of the pages in Chromium, served as they were seen, with the same files and the same policy.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::routing::get;
use serde_json::Value;

use super::super::support::*;
use super::states::States;

/// The window of a desktop computer, and what is left of it in CSS pixels at 200 % and at 400 % zoom.
pub const DESKTOP: (u32, u32) = (1280, 1024);
pub const ZOOMED: (u32, u32) = (640, 512);
pub const ZOOMED_FAR: (u32, u32) = (320, 256);
/// A small phone, and a usual one.
pub const PHONE: (u32, u32) = (320, 640);
pub const USUAL_PHONE: (u32, u32) = (360, 800);

/// A browser that shows the states.
pub struct Screen {
    pub chromium: Chromium,
    pub states: &'static States,
    exhibit: SocketAddr,
}

impl Screen {
    /// `None` where Chromium is not installed.
    pub async fn set_up() -> Option<Self> {
        let (browser, driver) = chromium::installed()?;
        let (states, chromium) =
            tokio::join!(States::collect(), Chromium::scripted(browser, driver));
        Some(Self { chromium, states, exhibit: exhibit(states).await })
    }

    /// The same in another language.
    pub async fn set_up_in(language: &'static str) -> Option<Self> {
        let screen = Self::set_up().await?;
        let states: &'static States = Box::leak(Box::new(States::in_language(language).await));
        Some(Self { states, exhibit: exhibit(states).await, ..screen })
    }

    /// Opens a state.
    pub async fn show(&self, number: usize) {
        self.chromium.open(&format!("http://{}/shown/{number}", self.exhibit)).await;
    }

    /// Opens a page of the test itself, to test a check.
    pub async fn show_page(&self, body: &str) {
        let html = format!("<!doctype html><html lang=en><title>A page</title>{body}");
        let encoded: Vec<_> = html.bytes().map(|it| format!("%{it:02x}")).collect();
        self.chromium.open(&format!("data:text/html,{}", encoded.concat())).await;
    }

    /// What a script returns: a fault per line.
    pub async fn faults(&self, script: &str) -> String {
        match self.chromium.value(script).await {
            Value::String(faults) => faults,
            other => panic!("the script returned {other}"),
        }
    }
}

async fn exhibit(states: &'static States) -> SocketAddr {
    let state = move |Path(number): Path<usize>| async move {
        let page = &states.all[number].page;
        // In the sandbox of emails the checks could not run.
        let rules = page.header("content-security-policy").split("; ");
        let policy: Vec<_> = rules.filter(|it| !it.starts_with("sandbox")).collect();
        respond("text/html; charset=utf-8", &policy.join("; "), &page.body)
    };
    let file = move |uri: Uri| async move {
        let file = states.files.get(&uri.to_string()).ok_or(StatusCode::NOT_FOUND)?;
        Ok::<_, StatusCode>(respond(&file.content_type, &file.policy, &file.body))
    };
    let router: Router = Router::new().route("/shown/{number}", get(state)).fallback(file);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn respond(content_type: &str, policy: &str, body: &str) -> (HeaderMap, String) {
    let headers = [("content-type", content_type), ("content-security-policy", policy)];
    let headers = headers.map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    });
    (headers.into_iter().collect(), body.to_owned())
}
