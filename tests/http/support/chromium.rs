//! Chromium, driven by `WebDriver`. Pages may not run scripts, unless a test says so.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::left_out::left_out;
use super::{Page, free_port, wait_for, wait_until};

/// A browser, until the test ends.
pub struct Chromium {
    client: reqwest::Client,
    session: String,
    driver: Child,
    folder: TempDir,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // chromedriver closes its browser on request, but leaves it running if it is killed.
        if let Some((address, path)) =
            self.session.strip_prefix("http://").and_then(|it| it.split_once('/'))
            && let Ok(mut stream) = std::net::TcpStream::connect(address)
        {
            let end = format!(
                "DELETE /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            );
            let _ = stream.write_all(end.as_bytes());
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            let _ = stream.read(&mut [0; 512]); // responds once the browser has exited
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The paths of Debian's `chromium` and `chromium-driver`. `.ci/run` installs them and requires them with `TEST_BROWSERS`.
pub fn installed() -> Option<(&'static str, &'static str)> {
    let (browser, driver) = ("/usr/bin/chromium", "/usr/bin/chromedriver");
    if Path::new(browser).is_file() && Path::new(driver).is_file() {
        return Some((browser, driver));
    }
    assert!(
        std::env::var("TEST_BROWSERS").is_err(),
        "chromium and chromium-driver must be installed if TEST_BROWSERS is set"
    );
    left_out("the pages in Chromium", "chromium and chromium-driver are not installed");
    None
}

impl Chromium {
    /// A browser in which pages run no scripts.
    pub async fn start(browser: &str, driver: &str) -> Self {
        Self::with(browser, driver, "MAP *.localhost 127.0.0.1", false).await
    }

    /// A browser in which pages run no scripts, and `http://localhost:5000`, the default `PUBLIC_URL`, is this server.
    pub async fn at(server: SocketAddr, browser: &str, driver: &str) -> Self {
        Self::with(browser, driver, &format!("MAP localhost:5000 {server}"), false).await
    }

    /// A browser that runs scripts.
    pub async fn scripted(browser: &str, driver: &str) -> Self {
        Self::with(browser, driver, "MAP *.localhost 127.0.0.1", true).await
    }

    async fn with(browser: &str, driver: &str, resolves: &str, runs_scripts: bool) -> Self {
        let mut said = String::new();
        for _ in 0..5 {
            match Self::driven_by(driver).await {
                Ok(started) => return started.opened(browser, resolves, runs_scripts).await,
                Err(output) => said = output,
            }
        }
        panic!("chromedriver does not start: {said}");
    }

    /// Starts the driver, or says why it does not start. With a port of its own choice it would end where the same port of `::1` is taken, as any
    /// connection may do.
    async fn driven_by(driver: &str) -> Result<Self, String> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_str().unwrap();
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut command = Command::new(driver);
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let port = free_port();
        let driver = command
            .args([format!("--port={port}"), format!("--log-path={path}/driver")])
            .envs([("HOME", path), ("TMPDIR", path)])
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_mins(2)).build().unwrap();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut started = Self { client, session, driver, folder };
        let log = started.folder.path().join("log");
        let log = || std::fs::read_to_string(&log).unwrap();
        let has_started = wait_for(async || {
            let has_ended = started.driver.try_wait().unwrap().is_some();
            let listens = log().contains("started successfully");
            (listens || has_ended).then_some(listens)
        });
        if has_started.await == Some(true) { Ok(started) } else { Err(log()) }
    }

    /// Opens the browser.
    async fn opened(mut self, browser: &str, resolves: &str, runs_scripts: bool) -> Self {
        let profile = self.folder.path().join("profile");
        let options = json!({
            "binary": browser,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
                "--no-first-run", "--hide-scrollbars", format!("--host-resolver-rules={resolves}"),
                format!("--user-data-dir={}", profile.display()),
            ],
            "prefs": { "profile.managed_default_content_settings.javascript": if runs_scripts { 1 } else { 2 } },
        });
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "acceptInsecureCerts": true, "goog:chromeOptions": options,
        } } });
        let made = self.ask("", Some(wanted)).await;
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        self.session = format!("{}/{id}", self.session);
        self
    }

    /// Makes the screen as wide as a small phone's.
    pub async fn narrow(&self, width: u32) {
        let metrics =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Gives the page a window of this size, in CSS pixels.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Answers these media features with these values, and all others as usual.
    pub async fn prefer(&self, features: &[(&str, &str)]) {
        let features: Vec<_> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Shows pages as they would be printed.
    pub async fn on_paper(&self) {
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    }

    /// Runs a script in every document from now on, before those of the page.
    pub async fn add_script(&self, source: &str) {
        let params = json!({ "source": source });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", params).await;
    }

    /// The value of an expression on the page. A promise is awaited, which works only where pages run scripts.
    pub async fn value(&self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.devtools("Runtime.evaluate", params).await;
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].take()
    }

    async fn devtools(&self, command: &str, params: Value) -> Value {
        self.ask("/goog/cdp/execute", Some(json!({ "cmd": command, "params": params }))).await
    }

    pub async fn ask(&self, command: &str, body: Option<Value>) -> Value {
        self.try_to(command, body).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn try_to(&self, command: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}{command}", self.session);
        let request = match body {
            Some(body) => self.client.post(url).body(body.to_string()),
            None => self.client.get(url),
        };
        let answer = request.header("content-type", "application/json").send().await.unwrap();
        let mut answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let value = answer["value"].take();
        if value["error"].is_null() { Ok(value) } else { Err(value["message"].to_string()) }
    }

    pub async fn open(&self, url: &str) {
        self.ask("/url", Some(json!({ "url": url }))).await;
    }

    pub async fn fill(&self, css: &str, text: &str) {
        self.act(css, "value", json!({ "text": text })).await;
    }

    /// Replaces the text of a field.
    pub async fn refill(&self, css: &str, text: &str) {
        self.act(css, "clear", json!({})).await;
        self.fill(css, text).await;
    }

    pub async fn click(&self, css: &str) {
        self.act(css, "click", json!({})).await;
    }

    /// Clicks a link to a file, and returns the text of the file.
    pub async fn download(&self, css: &str, name: &str) -> String {
        let folder = self.folder.path().join("downloads");
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", params).await;
        self.click(css).await;
        // It has another name until it is complete.
        let file = wait_for(async || std::fs::read_to_string(folder.join(name)).ok()).await;
        file.unwrap_or_else(|| panic!("{css} downloads no {name}"))
    }

    /// Acts on an element, and retries while the page loads.
    async fn act(&self, css: &str, act: &str, how: Value) {
        let mut last = String::new();
        let acted = wait_until(async || {
            let wanted = json!({ "using": "css selector", "value": css });
            let done = async {
                let found = self.try_to("/element", Some(wanted)).await?;
                let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap();
                let how = (!how.is_null()).then(|| how.clone());
                self.try_to(&format!("/element/{id}/{act}"), how).await
            };
            let Err(error) = done.await else { return true };
            last = error;
            self.reload_after_network_change().await;
            false
        });
        let acted = acted.await;
        assert!(acted, "{act} {css}: {last}\n{}", self.shows().await);
    }

    /// Waits until the browser is at this URL, and returns the page's text.
    pub async fn arrives_at(&self, url: &str) -> String {
        let mut at = Value::Null;
        let arrived = wait_until(async || {
            at = self.ask("/url", None).await;
            if at != url {
                self.reload_after_network_change().await;
            }
            at == url
        });
        let arrived = arrived.await;
        assert!(arrived, "the browser is at {at}, not at {url}: {}", self.shows().await);
        self.ask("/source", None).await.as_str().unwrap().to_owned()
    }

    /// Reloads after Chromium aborted a page load because the machine's network changed, which is not a failure of ours.
    async fn reload_after_network_change(&self) {
        let source = self.ask("/source", None).await;
        if source.as_str().unwrap().contains("\"errorCode\":\"ERR_NETWORK_CHANGED\"") {
            self.ask("/refresh", Some(json!({}))).await;
        }
    }

    /// Waits until an element is on the page, and returns the page.
    pub async fn sees(&self, css: &str) -> Page {
        self.act(css, "name", Value::Null).await;
        let url = self.ask("/url", None).await;
        Page::of(url.as_str().unwrap(), self.ask("/source", None).await.as_str().unwrap())
    }

    async fn shows(&self) -> String {
        Page::of("", self.ask("/source", None).await.as_str().unwrap())
            .text()
            .chars()
            .take(2_000)
            .collect()
    }
}
