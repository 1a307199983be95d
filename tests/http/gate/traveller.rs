//! A browser that visits several hosts and keeps cookies for each.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;

use cookie::Cookie;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url};

use super::super::support::*;

/// Headers of a page view.
pub const NAVIGATION: [(&str, &str); 2] =
    [("accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("sec-fetch-mode", "navigate")];
/// Headers of a script.
pub const SCRIPT: [(&str, &str); 2] = [("accept", "*/*"), ("sec-fetch-mode", "cors")];

/// How requests reach the apps.
#[derive(Clone)]
pub enum Road {
    /// The test plays the proxy: it asks the gate and handles the response as a proxy would.
    Played(Played),
    /// Over real connections. The client resolves the hosts.
    Real,
}

/// The proxy that the test plays.
#[derive(Clone)]
pub struct Played {
    server: SocketAddr,
    /// The origin of `PUBLIC_URL`, and its path.
    login: String,
    base: String,
    is_nginx: bool,
    /// The rules of the apps, by origin.
    rules: BTreeMap<String, String>,
    /// Whether an earlier version printed its configuration, which asks the gate about every path.
    is_outdated: bool,
}

pub struct Traveller {
    client: Client,
    road: Road,
    jar: Mutex<BTreeMap<(String, String, String), String>>,
}

impl Traveller {
    pub fn on(road: Road, client: Client) -> Self {
        Self { client, road, jar: Mutex::default() }
    }

    pub fn playing(app: &TestApp, is_nginx: bool, rules: &[(&str, &str)]) -> Self {
        let url = &app.app.config.public_url;
        let road = Road::Played(Played {
            server: app.address,
            login: url.origin(),
            base: url.base().to_owned(),
            is_nginx,
            rules: rules.iter().map(|(origin, rule)| ((*origin).into(), (*rule).into())).collect(),
            is_outdated: false,
        });
        Self::on(road, client().build().unwrap())
    }

    /// The same browser behind a proxy with the configuration of an earlier version.
    pub fn behind_an_outdated_proxy(mut self) -> Self {
        if let Road::Played(proxy) = &mut self.road {
            proxy.is_outdated = true;
        }
        self
    }

    /// Another browser for the same hosts, without cookies.
    pub fn another(&self) -> Self {
        Self::on(self.road.clone(), self.client.clone())
    }

    /// The cookies that the browser sends to this address, by name.
    pub fn cookies(&self, url: &str) -> BTreeMap<String, String> {
        let url = Url::parse(url).unwrap();
        let jar = self.jar.lock().unwrap();
        let mine = jar.iter().filter(|((host, name, path), _)| {
            let is_below = url.path() == path
                || url.path().starts_with(&format!("{}/", path.trim_end_matches('/')));
            host == url.host_str().unwrap()
                && is_below
                && (url.scheme() == "https" || !name.starts_with("__"))
        });
        mine.map(|((_, name, _), value)| (name.clone(), value.clone())).collect()
    }

    /// The `Cookie` header for this address.
    pub fn cookie_header(&self, url: &str) -> String {
        let pairs = self.cookies(url).into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub fn set_cookie(&self, url: &str, name: &str, value: &str) {
        let host = Url::parse(url).unwrap().host_str().unwrap().to_owned();
        self.jar.lock().unwrap().insert((host, name.into(), "/".into()), value.into());
    }

    pub fn forget_cookie(&self, url: &str, name: &str) {
        let host = Url::parse(url).unwrap().host_str().unwrap().to_owned();
        self.jar.lock().unwrap().retain(|(own, other, _), _| *own != host || other != name);
    }

    /// Views a page without following redirects.
    pub async fn go(&self, url: &str) -> Page {
        self.send(Method::GET, url, &NAVIGATION, None).await
    }

    /// Views a page and follows all redirects.
    pub async fn open(&self, url: &str) -> Page {
        let page = self.go(url).await;
        self.follow(page).await
    }

    pub async fn follow(&self, mut page: Page) -> Page {
        let mut way = Vec::new();
        while page.status.is_redirection() {
            let from = Url::parse(&page.path).unwrap();
            let to = from.join(page.header("location")).unwrap();
            way.push(to.to_string());
            assert!(way.len() < 20, "a redirect loop: {way:?}");
            page = self.go(to.as_str()).await;
        }
        page
    }

    /// Fills in the form with this button, sends it, and follows all redirects.
    pub async fn press(&self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Page {
        self.submit(page, &page.form(button), fields).await
    }

    /// The same with the form that leads back to this page, in whatever language it is.
    async fn fill_in(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form_to(Url::parse(&page.path).unwrap().path(), fields);
        self.submit(page, &form, fields).await
    }

    async fn submit(&self, page: &Page, form: &PageForm, fields: &[(&str, &str)]) -> Page {
        let url = Url::parse(&page.path).unwrap().join(&form.action).unwrap();
        let origin = url.origin().ascii_serialization();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", &origin),
            NAVIGATION[0],
            NAVIGATION[1],
        ];
        let body = encode(&form.filled(fields)).into_bytes();
        let page = self.send(Method::POST, url.as_str(), &headers, Some(body)).await;
        self.follow(page).await
    }

    /// Signs in on this sign-in page, and follows all redirects.
    pub async fn sign_in(&self, page: &Page, email: &str) -> Page {
        page.is(200);
        self.fill_in(page, &[("email", email), ("password", PASSWORD)]).await
    }

    /// Sends one request with these headers and the cookies, and follows no redirect.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        let cookies = self.cookie_header(url);
        let mut all = headers.to_vec();
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        let page = match &self.road {
            Road::Real => self.exchange(method, url, None, &all, body).await,
            Road::Played(proxy) => self.play(proxy, method, url, &all, body).await,
        };
        let page = Page { path: url.to_owned(), ..page };
        self.keep(url, &page);
        page
    }

    /// Does what the proxy would do: forwards requests to authflow, or asks the gate about them.
    async fn play(
        &self,
        proxy: &Played,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        let asked = Url::parse(url).unwrap();
        let origin = asked.origin().ascii_serialization();
        let host = origin.split_once("://").unwrap().1;
        let path = &asked[url::Position::BeforePath..url::Position::AfterQuery];
        let base = &proxy.base;
        let is_authflow = origin == proxy.login
            && (asked.path() == base || asked.path().starts_with(&format!("{base}/")));
        if is_authflow {
            let there = format!("http://{}{path}", proxy.server);
            return self.exchange(method, &there, asked.host_str(), headers, body).await;
        }
        if asked.path().starts_with("/.authflow/") && !proxy.is_outdated {
            let there = format!("http://{}{path}", proxy.server);
            let told = [
                ("x-forwarded-proto", asked.scheme()),
                ("x-forwarded-host", host),
                ("x-forwarded-for", "198.51.100.7"),
            ];
            let headers = replaced(headers, &told);
            return self.exchange(method, &there, asked.host_str(), &headers, body).await;
        }
        let told = if proxy.is_nginx {
            vec![("x-original-url", url), ("x-original-method", method.as_str())]
        } else {
            vec![
                ("x-forwarded-method", method.as_str()),
                ("x-forwarded-proto", asked.scheme()),
                ("x-forwarded-host", host),
                ("x-forwarded-uri", path),
                ("x-forwarded-for", "198.51.100.7"),
            ]
        };
        let gate = if proxy.is_nginx { "nginx" } else { "forward" };
        let rule = proxy.rules.get(&origin).map_or("", String::as_str);
        let there = format!("http://{}{base}/gate/{gate}?{rule}", proxy.server);
        let headers = replaced(headers, &told);
        let answer = self.exchange(Method::GET, &there, None, &headers, None).await;
        pass_on(answer, proxy.is_nginx)
    }

    async fn exchange(
        &self,
        method: Method,
        url: &str,
        host: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        let mut request = self.client.request(method, url);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_str(value).unwrap());
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Page { path: url.to_owned(), status, headers, body: response.text().await.unwrap() }
    }

    /// Stores cookies as browsers do, and checks the rules of their name prefixes.
    fn keep(&self, url: &str, page: &Page) {
        let url = Url::parse(url).unwrap();
        let mut jar = self.jar.lock().unwrap();
        for line in page.headers.get_all("set-cookie") {
            let cookie = Cookie::parse(line.to_str().unwrap().to_owned()).unwrap();
            assert!(cookie.http_only() == Some(true) && cookie.domain().is_none(), "{line:?}");
            let path = cookie.path().unwrap().to_owned();
            if cookie.name().starts_with("__") {
                assert!(cookie.secure() == Some(true) && url.scheme() == "https", "{line:?}");
                assert!(!cookie.name().starts_with("__Host-") || path == "/", "{line:?}");
            }
            let key = (url.host_str().unwrap().to_owned(), cookie.name().to_owned(), path);
            if cookie.max_age().is_some_and(cookie::time::Duration::is_zero) {
                jar.remove(&key);
            } else {
                jar.insert(key, cookie.value().to_owned());
            }
        }
    }
}

/// These headers, with those that a proxy sets replaced.
fn replaced<'a>(
    headers: &[(&'a str, &'a str)],
    told: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = headers.iter().filter(|(name, _)| !told.iter().any(|(other, _)| other == name));
    kept.chain(told).copied().collect()
}

/// Signs up through the forms over https, where a plain `Browser` would not keep the cookies.
pub async fn sign_up(app: &TestApp, email: &str) {
    let browser = Traveller::playing(app, false, &[]);
    let url = &app.app.config.public_url;
    let page = browser.open(&url.link(authflow::domain::addresses::REGISTER)).await;
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    browser.fill_in(&page, &fields).await.is(200);
    let link = url.origin() + &app.mailed_path(email).await;
    let page = browser.open(&link).await;
    assert_eq!(browser.fill_in(&page, &[]).await.is(200).select(".flash").len(), 1);
}

pub fn client() -> reqwest::ClientBuilder {
    Client::builder().redirect(reqwest::redirect::Policy::none())
}

/// The response that the browser gets after the gate's. The app answers permitted requests with the headers that it received.
fn pass_on(answer: Page, is_nginx: bool) -> Page {
    if answer.status == StatusCode::OK {
        assert!(answer.body.is_empty() && answer.headers.get("set-cookie").is_none());
        return Page { body: "the application".into(), ..answer };
    }
    if !is_nginx {
        return answer;
    }
    let status = answer.status.as_u16();
    assert!(matches!(status, 401 | 403 | 503), "nginx turns {status} into a 500");
    let mut headers = HeaderMap::new();
    if status == 401 && answer.headers.contains_key("location") {
        for name in ["location", "set-cookie"] {
            if let Some(value) = answer.headers.get(name) {
                headers.insert(name, value.clone()); // only the first
            }
        }
        return Page { status: StatusCode::SEE_OTHER, headers, ..answer };
    }
    answer
}
