//! A client of the JSON API that checks every response against the `OpenAPI` description.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{ADA, Browser, PASSWORD, TestApp};

/// The document at `/api/openapi.json`.
pub struct Description(pub Value);

impl Description {
    /// The operation at this path.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap();
        let fits = |template: &str| {
            let (mut left, mut right) = (template.split('/'), path.split('/'));
            left.by_ref().zip(right.by_ref()).all(|(it, is)| it.starts_with('{') || it == is)
                && template.split('/').count() == path.split('/').count()
        };
        let paths = self.0["paths"].as_object().unwrap();
        let (_, operations) = paths.iter().find(|(template, _)| fits(template))?;
        operations.get(method.to_lowercase())
    }

    /// Checks a value against a schema of the description.
    #[track_caller]
    pub fn check(&self, schema: &Value, value: &Value, what: &str) {
        let mut schema = schema.clone();
        schema["components"] = self.0["components"].clone(); // the target of its references
        let validator = jsonschema::draft202012::new(&schema).expect("the schema should be valid");
        let errors: Vec<String> = validator.iter_errors(value).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{what}: {errors:?} in {value}");
    }
}

/// A client that stores its tokens.
#[derive(Clone)]
pub struct ApiClient {
    browser: Browser,
    description: Arc<Description>,
    /// The access token that the client sends.
    pub access: Option<String>,
    /// The refresh token that the client stores.
    pub refresh: String,
}

impl TestApp {
    /// A client without tokens.
    pub async fn api(&self) -> ApiClient {
        ApiClient::at(self.address).await
    }

    /// A client signed in as Ada, whose account exists already.
    pub async fn signed_in_api(&self) -> ApiClient {
        let mut api = self.api().await;
        api.login(ADA, PASSWORD).await.is(200);
        api
    }
}

impl ApiClient {
    pub async fn at(address: SocketAddr) -> Self {
        let browser = Browser::at(address);
        let description = browser.get("/api/openapi.json").await;
        let description = Description(serde_json::from_str(&description.body).unwrap());
        Self { browser, description: description.into(), access: None, refresh: String::new() }
    }

    /// The same client with this access token.
    pub fn with(&self, access: &str) -> Self {
        Self { access: Some(access.to_owned()), ..self.clone() }
    }

    /// The same client at another instance.
    pub fn moved_to(&self, address: SocketAddr) -> Self {
        Self { browser: Browser::at(address), ..self.clone() }
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let bearer = self.access.as_ref().map(|token| format!("Bearer {token}"));
        let bearer = bearer.as_deref().map(|bearer| ("authorization", bearer));
        let headers: Vec<_> = headers.iter().copied().chain(bearer).collect();
        let page = self.browser.send(method.clone(), path, &headers, body).await;
        let (status, headers, text) = (page.status.as_u16(), page.headers, page.body);
        let what = format!("{method} {path}: {status} {text}");
        let header = |name: &str| headers.get(name).map(|it| it.to_str().unwrap());
        assert_eq!(header("content-type"), Some("application/json"), "{what}");
        assert!(header("set-cookie").is_none(), "{what}");
        assert_eq!(header("retry-after").is_some(), matches!(status, 429 | 503), "{what}");
        let value: Value = serde_json::from_str(&text).expect(&what);
        if let Some(operation) = self.description.operation(method.as_str(), path) {
            let described = &operation["responses"][status.to_string()];
            assert!(described.is_object(), "undocumented response: {what}");
            let schema = &described["content"]["application/json"]["schema"];
            self.description.check(schema, &value, &what);
            let examples = &described["content"]["application/json"]["examples"];
            let word = value["error"].as_str();
            assert!(
                word.is_none_or(|word| examples.get(word).is_some()),
                "undocumented error code: {what}"
            );
        } else {
            assert!(matches!(status, 404 | 405 | 429), "{what}");
            let error = json!({ "$ref": "#/components/schemas/Error" });
            self.description.check(&error, &value, &what);
        }
        Answer { what, status, headers, value }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Sends a POST without a body.
    pub async fn press(&self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], None).await
    }

    /// Posts a raw body.
    pub async fn post_raw(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, path, &headers, Some(body.into())).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_raw(path, body.to_string()).await
    }

    pub async fn register(&self, email: &str) -> Answer {
        let body = json!({ "username": "Ada Lovelace", "email": email, "password": PASSWORD });
        self.post("/api/auth/register", body).await
    }

    /// Signs in, and stores the tokens.
    pub async fn login(&mut self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        let answer = self.post("/api/auth/login", body).await;
        self.keep(answer)
    }

    /// Exchanges the refresh token for new tokens.
    pub async fn refresh(&mut self) -> Answer {
        let answer = self.refresh_with(&self.refresh).await;
        self.keep(answer)
    }

    pub async fn refresh_with(&self, token: &str) -> Answer {
        self.post("/api/auth/refresh", json!({ "refreshToken": token })).await
    }

    /// Stores the tokens of a successful response.
    pub fn keep(&mut self, answer: Answer) -> Answer {
        if answer.status == 200 {
            self.access = Some(answer.text("accessToken").to_owned());
            answer.text("refreshToken").clone_into(&mut self.refresh);
        }
        answer
    }

    /// Whether the access token is valid.
    pub async fn is_signed_in(&self) -> bool {
        let answer = self.get("/api/auth/profile").await;
        if answer.status == 401 {
            answer.refuses(401, "invalid_token");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        }
        answer.status == 200
    }
}

/// A response of the API.
pub struct Answer {
    what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub value: Value,
}

impl Answer {
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.what);
        assert_eq!(self.value["success"], json!(status < 400), "{}", self.what);
        self
    }

    /// Asserts an error response with this error code.
    #[track_caller]
    pub fn refuses(&self, status: u16, word: &str) -> &Self {
        assert_eq!((self.status, self.text("error")), (status, word), "{}", self.what);
        assert_eq!(self.value["success"], json!(false), "{}", self.what);
        assert_eq!(self.value.get("fields").is_some(), word == "invalid_fields", "{}", self.what);
        self
    }

    /// Asserts an error response about these fields.
    #[track_caller]
    pub fn names(&self, fields: &[&str]) -> &Self {
        self.refuses(422, "invalid_fields");
        let mut named: Vec<&String> = self.value["fields"].as_object().unwrap().keys().collect();
        named.sort();
        assert_eq!(named, fields, "{}", self.what);
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.what.contains(text), "{text:?} is missing: {}", self.what);
        self
    }

    #[track_caller]
    pub fn text(&self, name: &str) -> &str {
        self.value[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", self.what))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|it| it.to_str().unwrap()).unwrap_or_default()
    }
}
