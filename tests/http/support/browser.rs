//! A browser without JavaScript, and the pages that it sees.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url, redirect};
use scraper::{ElementRef, Html, Selector};

use super::PASSWORD;

/// A browser without JavaScript that keeps cookies and follows no redirects by itself.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    root: Url,
}

impl Browser {
    pub fn at(address: SocketAddr) -> Self {
        Self::behind(address, &[])
    }

    /// A browser behind a proxy that adds these headers.
    pub fn behind(address: SocketAddr, headers: &[(&'static str, &str)]) -> Self {
        let jar = Arc::new(Jar::default());
        let added = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        });
        let client = Client::builder()
            .default_headers(added.collect())
            .redirect(redirect::Policy::none())
            .cookie_provider(Arc::clone(&jar))
            .build()
            .unwrap();
        Self { client, jar, root: Url::parse(&format!("http://{address}")).unwrap() }
    }

    pub fn address(&self) -> SocketAddr {
        self.root.socket_addrs(|| None).unwrap()[0]
    }

    /// Another browser with a copy of this one's cookies.
    pub fn copy(&self) -> Self {
        self.carried_to(&Self::at(self.address()))
    }

    /// The browser `there` with a copy of this one's cookies, as if the server had moved.
    pub fn carried_to(&self, there: &Self) -> Self {
        for (name, value) in self.cookies() {
            there.set_cookie(&name, &value);
        }
        there.clone()
    }

    /// The same browser at another server. Cookies are not bound to a port.
    pub fn moved_to(&self, address: SocketAddr) -> Self {
        Self { root: Url::parse(&format!("http://{address}")).unwrap(), ..self.clone() }
    }

    pub fn cookies(&self) -> BTreeMap<String, String> {
        let header = self.jar.cookies(&self.root);
        let header = header.as_ref().map(|value| value.to_str().unwrap()).unwrap_or_default();
        let pairs = header.split("; ").filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The `Cookie` header that the browser sends.
    pub fn cookie_header(&self) -> String {
        let pairs = self.cookies().into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().remove(name)
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.add_cookie_str(&format!("{name}={value}; Path=/"), &self.root);
    }

    pub fn forget_cookie(&self, name: &str) {
        self.jar.add_cookie_str(&format!("{name}=; Path=/; Max-Age=0"), &self.root);
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// Like `send`, for a server that may not respond.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> reqwest::Result<Page> {
        let mut request = self.client.request(method, self.root.join(path).unwrap());
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_str(value).unwrap());
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        // What keeps words on one line is invisible.
        let body = response.text().await?.replace('\u{2060}', "");
        let page = Page { path: path.to_owned(), status, headers, body };
        page.names_nobody_in_its_title();
        Ok(page)
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[], None).await
    }

    /// Posts a raw body.
    pub async fn post_raw(&self, path: &str, body: impl Into<Vec<u8>>) -> Page {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &headers, Some(body.into())).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_raw(path, encode(fields)).await
    }

    /// Opens a page, fills in the form with this button, and presses it.
    pub async fn press(&self, path: &str, button: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(path).await;
        assert!(page.status.is_success(), "{path}: {} {}", page.status, page.text());
        self.press_on(&page, button, fields).await
    }

    /// Opens a page and sends its form to `action`, in whatever language it is.
    pub async fn fill_in(&self, path: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(path).await;
        let form = page.form_to(action, fields);
        self.post(&form.action, &form.filled(fields)).await
    }

    /// Fills in the form with this button on an open page, and presses it.
    pub async fn press_on(&self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Page {
        let form = page.form(button);
        self.post(&form.action, &form.filled(fields)).await
    }

    /// Like `press_on`, for a server that may not respond.
    pub async fn try_press(
        &self,
        path: &str,
        button: &str,
        fields: &[(&str, &str)],
    ) -> reqwest::Result<Page> {
        let page = self.try_send(Method::GET, path, &[], None).await?;
        assert!(page.status.is_success(), "{path}: {} {}", page.status, page.text());
        let form = page.form(button);
        let body = encode(&form.filled(fields));
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.try_send(Method::POST, &form.action, &headers, Some(body.into())).await
    }

    pub async fn sign_up(&self, email: &str) -> Page {
        self.sign_up_as("Ada Lovelace", email, PASSWORD).await
    }

    pub async fn sign_up_as(&self, username: &str, email: &str, password: &str) -> Page {
        let fields = [
            ("username", username),
            ("email", email),
            ("password", password),
            ("confirm_password", password),
        ];
        self.fill_in("/auth/register", "/auth/register", &fields).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Page {
        let fields = [("email", email), ("password", password)];
        self.fill_in("/auth/login", "/auth/login", &fields).await
    }

    pub async fn is_signed_in(&self) -> bool {
        let page = self.get("/dashboard").await;
        match page.status {
            StatusCode::OK => true,
            StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED => false,
            other => panic!("the dashboard answered {other}"),
        }
    }
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A response.
pub struct Page {
    pub path: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// A form of a page.
pub struct PageForm {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl PageForm {
    /// The fields that a browser sends after the user has typed `typed`. Panics if a field is not on the form.
    pub fn filled<'a>(&'a self, typed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        for (name, _) in typed {
            assert!(
                self.fields.iter().any(|(field, _)| field == name),
                "the form has no field {name}"
            );
        }
        let value =
            |name: &str| typed.iter().find(|(typed, _)| *typed == name).map(|(_, value)| *value);
        let fields = self.fields.iter();
        // An unticked checkbox is not sent.
        let sent = fields.filter(|(name, kept)| value(name).is_some() || kept != UNTICKED);
        sent.map(|(name, kept)| (name.as_str(), value(name).unwrap_or(kept))).collect()
    }
}

const UNTICKED: &str = "\u{0}unticked";

impl Page {
    /// A page from the HTML that another browser shows.
    pub fn of(path: &str, html: &str) -> Self {
        let (status, headers) = (StatusCode::OK, HeaderMap::new());
        Self { path: path.to_owned(), status, headers, body: html.to_owned() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// A title that repeats what the previous request did must not repeat an address: it stays in the history of the browser.
    fn names_nobody_in_its_title(&self) {
        let is_said = self.body.contains("class=\"flash\"");
        assert!(!is_said || !self.inside("title").contains('@'), "{}", self.path);
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.text());
        self.describes_its_errors();
        self
    }

    /// Each message beside a field belongs to that field, for screen readers too. One alone is told there, and the field has the focus; a
    /// summary leads to each of several, and has it.
    #[track_caller]
    fn describes_its_errors(&self) {
        let errors = self.select(".error");
        for error in &errors {
            let id = error.get("id").unwrap_or_else(|| panic!("{}: an error has no id", self.path));
            let fields = self.select(&format!("[aria-describedby~='{id}'][aria-invalid=true]"));
            assert_eq!(fields.len(), 1, "{}: {id}", self.path);
            let link = format!(".alert a[href='#{}']", fields[0]["id"]);
            let is_alone = errors.len() == 1;
            assert_eq!(self.select(&link).len(), usize::from(!is_alone), "{}: {link}", self.path);
            assert_eq!(fields[0].contains_key("autofocus"), is_alone, "{}: {id}", self.path);
        }
        // The fields of filters can only be that wrong if someone changes the address.
        let typed = !self.select("form[method=post] [aria-invalid]").is_empty();
        let told = if typed { self.each(".alert li a") } else { Vec::new() };
        let distinct: BTreeSet<_> = told.iter().collect();
        assert_eq!(told.len(), distinct.len(), "{} says the same twice: {told:?}", self.path);
        if errors.len() > 1 {
            assert_eq!(self.select("h2 ~ ul a[href^='#']").len(), errors.len(), "{}", self.path);
        }
        assert!(self.select("[autofocus]").len() < 2, "{}: the focus is in one place", self.path);
        let is_form = !self.select("main form[novalidate]").is_empty();
        if self.status == StatusCode::UNPROCESSABLE_ENTITY && is_form {
            assert!(!self.select(".error, .alert").is_empty(), "{} says no reason", self.path);
        }
    }

    #[track_caller]
    pub fn goes_to(&self, path: &str) -> &Self {
        assert_eq!(
            (self.status.as_u16(), self.header("location")),
            (303, path),
            "{}: {}",
            self.path,
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "{} does not say {text:?}: {}", self.path, self.text());
        self
    }

    /// The text of the page.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        let visible = |it: &&str| !it.contains("color-scheme:");
        let words = html.root_element().text().filter(visible).flat_map(str::split_whitespace);
        words.collect::<Vec<_>>().join(" ")
    }

    pub fn select(&self, selector: &str) -> Vec<BTreeMap<String, String>> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|element| attributes(&element)).collect()
    }

    /// The text of each element that matches.
    pub fn each(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|it| it.text().collect::<String>().trim().to_owned()).collect()
    }

    /// The text of the first element that matches.
    #[track_caller]
    pub fn inside(&self, selector: &str) -> String {
        let found = self.each(selector).into_iter().next();
        found.unwrap_or_else(|| panic!("{} has no {selector}: {}", self.path, self.text()))
    }

    /// The value of a field.
    pub fn value(&self, field: &str) -> Option<String> {
        self.select(&format!("[name={field}]")).into_iter().next()?.remove("value")
    }

    /// The page without what differs each time it is rendered: the tokens and IDs of its forms.
    pub fn without_ids(&self) -> String {
        let mut body = self.body.clone();
        for name in ["csrf_token", "form"] {
            for mut field in self.select(&format!("[name={name}]")) {
                body = body.replace(&field.remove("value").unwrap(), name);
            }
        }
        body
    }

    /// The `Set-Cookie` headers of the response, by cookie name.
    pub fn set_cookies(&self) -> BTreeMap<String, String> {
        let lines = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        lines.map(|line| (line.split('=').next().unwrap().to_owned(), line.to_owned())).collect()
    }

    /// The form with this button. The button itself can have a name and a value.
    #[track_caller]
    pub fn form(&self, button: &str) -> PageForm {
        let buttons = Selector::parse("button").unwrap();
        // The name of an app may follow a colon.
        let says = |it: &ElementRef<'_>| it.text().collect::<String>();
        let is_it = |it: &ElementRef<'_>| says(it).split(':').next().unwrap().trim() == button;
        let form = self.form_where(|form| form.select(&buttons).find(is_it).map(Some));
        form.unwrap_or_else(|| {
            panic!("{} has no form with the button {button:?}: {}", self.path, self.text())
        })
    }

    /// The first form that is sent to this path and has these fields.
    #[track_caller]
    pub fn form_to(&self, path: &str, fields: &[(&str, &str)]) -> PageForm {
        let form = self.form_where(|form| {
            let action = form.value().attr("action").unwrap();
            let has = |name: &str| Selector::parse(&format!("[name={name}]")).unwrap();
            let is_it = action.split('?').next() == Some(path)
                && fields.iter().all(|(name, _)| form.select(&has(name)).next().is_some());
            is_it.then_some(None)
        });
        form.unwrap_or_else(|| {
            panic!("{} has no form to {path} with {fields:?}: {}", self.path, self.body)
        })
    }

    /// The first form for which `pressed` is something: the button that is pressed, if it is known.
    fn form_where(
        &self,
        pressed: impl for<'b> Fn(ElementRef<'b>) -> Option<Option<ElementRef<'b>>>,
    ) -> Option<PageForm> {
        let html = Html::parse_document(&self.body);
        let inputs = Selector::parse("input[name]").unwrap();
        let lists = Selector::parse("select[name]").unwrap();
        let options = Selector::parse("option").unwrap();
        let forms = Selector::parse("form").unwrap();
        let (form, pressed) = html.select(&forms).find_map(|it| Some((it, pressed(it)?)))?;
        assert_eq!(form.value().attr("method"), Some("post"));
        // Of radio buttons with one name, only the chosen one is a field.
        let is_left_out =
            |it: &ElementRef<'_>| it.attr("type") == Some("radio") && it.attr("checked").is_none();
        let fields = form.select(&inputs).filter(|it| !is_left_out(it)).map(|input| {
            let mut attributes = attributes(&input);
            let unticked = attributes.get("type").is_some_and(|it| it == "checkbox")
                && !attributes.contains_key("checked");
            let value = if unticked {
                UNTICKED.into()
            } else {
                attributes.remove("value").unwrap_or_default()
            };
            (attributes.remove("name").unwrap(), value)
        });
        // The selected option, or the first.
        let chosen = form.select(&lists).map(|list| {
            let of = |option: ElementRef<'_>| attributes(&option);
            let mut all = list.select(&options).map(of);
            let first = all.next().unwrap();
            let chosen =
                [first.clone()].into_iter().chain(all).find(|it| it.contains_key("selected"));
            (attributes(&list)["name"].clone(), chosen.unwrap_or(first)["value"].clone())
        });
        let pressed = pressed.map(|it| attributes(&it));
        let pressed =
            pressed.and_then(|it| Some((it.get("name")?.clone(), it.get("value").cloned()?)));
        Some(PageForm {
            action: form.value().attr("action").unwrap().to_owned(),
            fields: fields.chain(chosen).chain(pressed).collect(),
        })
    }
}

fn attributes(element: &ElementRef<'_>) -> BTreeMap<String, String> {
    element.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The text of a header as a number.
pub fn number<T: FromStr>(page: &Page, header: &str) -> Option<T> {
    page.header(header).parse().ok()
}
