//! The `OpenAPI` description covers exactly the routes that are served.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use authflow::clock::Timestamp;
use authflow::domain::paging::TimeCursor;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::*;

async fn description(app: &TestApp) -> Description {
    let page = app.browser().get("/api/openapi.json").await;
    assert_eq!(page.is(200).header("content-type"), "application/json");
    assert!(page.header("cache-control").contains("max-age"));
    Description(serde_json::from_str(&page.body).unwrap())
}

/// `(method, path, operation)`
fn operations(description: &Description) -> Vec<(String, String, &Value)> {
    let paths = description.0["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    all.collect()
}

/// Every API address in the source, however it is routed.
fn addresses_in_the_source() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let handlers = fs::read_dir(source.join("handlers/api")).unwrap();
    let mut files: Vec<_> = handlers.map(|entry| entry.unwrap().path()).collect();
    files.extend(
        ["routes.rs", "handlers/operations/health.rs", "handlers/operations/jwks.rs"]
            .map(|it| source.join(it)),
    );
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for piece in code.flat_map(|line| line.split('"').skip(1).step_by(2)) {
            if ["/api", "/health", "/.well-known"].iter().any(|it| piece.starts_with(it)) {
                found.insert(piece.to_owned());
            }
        }
    }
    assert!(found.remove("/api/{*elsewhere}"), "every other path is 404");
    found
}

#[tokio::test]
async fn the_description_lists_exactly_the_routes() {
    let app = TestApp::start().await;
    let description = description(&app).await;
    assert!(description.0["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(description.0["servers"][0]["url"], "http://localhost:5000");
    let operations = operations(&description);
    let described: BTreeSet<String> = operations.iter().map(|(_, path, _)| path.clone()).collect();
    assert_eq!(described, addresses_in_the_source());
    for route in [
        "POST /api/auth/register",
        "POST /api/auth/login",
        "POST /api/auth/refresh",
        "POST /api/auth/logout",
        "POST /api/auth/forgot-password",
        "POST /api/auth/reset-password",
        "GET /api/auth/profile",
        "GET /api/auth/sessions",
        "DELETE /api/auth/sessions/{id}",
        "GET /api/openapi.json",
        "GET /health",
        "GET /health/ready",
        "GET /.well-known/jwks.json",
    ] {
        let (method, path) = route.split_once(' ').unwrap();
        assert!(description.operation(method, path).is_some(), "{route}");
    }

    let browser = app.browser();
    for (path, item) in description.0["paths"].as_object().unwrap() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let ask = path.replace("{id}", "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071");
            let page = browser.send(method.parse().unwrap(), &ask, &[], None).await;
            let is_described = item.get(method.to_lowercase()).is_some();
            assert_eq!(page.status != 405, is_described, "{method} {path}: {}", page.status);
            assert_ne!(page.status, 404, "{method} {path}");
            if is_described {
                let status = page.status.as_u16().to_string();
                let operation = &item[method.to_lowercase()];
                assert!(operation["responses"][&status].is_object(), "{method} {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn every_response_has_a_schema_and_a_valid_example() {
    let app = TestApp::start().await;
    let description = description(&app).await;
    let (mut ids, mut words) = (BTreeSet::new(), BTreeSet::new());
    for (method, path, operation) in operations(&description) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
        assert!(operation["summary"].as_str().is_some_and(|it| !it.is_empty()), "{path}");
        let is_protected = operation.get("security").is_some();
        assert_eq!(
            operation["responses"].get("401").is_some_and(|it| {
                it["content"]["application/json"]["examples"].get("token_required").is_some()
            }),
            is_protected,
            "{method} {path}"
        );
        if let Some(body) = operation.get("requestBody") {
            let content = &body["content"]["application/json"];
            let example = example_of(&description, &content["schema"]);
            description.check(&content["schema"], &example, &path);
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let what = format!("{method} {path}: {status}");
            assert!(answer["description"].as_str().is_some_and(|it| !it.is_empty()), "{what}");
            let content = &answer["content"]["application/json"];
            assert!(content["schema"].is_object(), "{what}");
            let mut examples: Vec<Value> = Vec::new();
            examples.extend(content.get("example").cloned());
            for (word, example) in content["examples"].as_object().into_iter().flatten() {
                assert_eq!(example["value"]["error"], word.as_str(), "{what}");
                words.insert(word.clone());
                examples.push(example["value"].clone());
            }
            if examples.is_empty() && path != "/api/openapi.json" {
                examples.push(example_of(&description, &content["schema"]));
            }
            for example in examples {
                description.check(&content["schema"], &example, &what);
            }
            let waits = answer["headers"].get("Retry-After").is_some();
            assert_eq!(waits, status == "429" || status == "503", "{what}");
        }
    }
    let all = &description.0["components"]["schemas"]["ErrorWord"];
    let all = all["enum"].as_array().or_else(|| all["oneOf"].as_array()).unwrap();
    assert_eq!(
        all.len(),
        words.len() + 1,
        "every error code but that of 405 is described: {words:?}"
    );
}

/// A query with NUL is refused before any handler reads it, so no parameter may allow it.
#[tokio::test]
async fn no_parameter_allows_nul() {
    let app = TestApp::start().await;
    let description = description(&app).await;
    let mut parameters = 0;
    for (method, path, operation) in operations(&description) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            parameters += 1;
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            let validator = options.build(&parameter["schema"]).unwrap();
            assert!(!validator.is_valid(&json!("a\0b")), "{method} {path}: {parameter}");
        }
    }
    assert!(parameters > 0);
}

#[tokio::test]
async fn the_description_allows_the_cursors_of_lists() {
    let app = TestApp::start().await;
    let description = description(&app).await;
    let sessions = description.operation("GET", "/api/auth/sessions").unwrap();
    let parameters = sessions["parameters"].as_array().unwrap();
    let after = parameters.iter().find(|it| it["name"] == "after").unwrap();
    let cursor = TimeCursor { at: Timestamp(1_795_968_000), id: Uuid::max() };
    description.check(&after["schema"], &json!(cursor.to_string()), "after");
}

/// Assembles an example from those of the schema's fields. Each field must have one.
fn example_of(description: &Description, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return example_of(description, &description.0["components"]["schemas"][name]);
    }
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(one) = schema["oneOf"].as_array() {
        return example_of(description, &one[0]);
    }
    if schema["type"] == "array" {
        return Value::Array(vec![example_of(description, &schema["items"])]);
    }
    let fields = schema["properties"].as_object();
    let fields = fields.unwrap_or_else(|| panic!("no example: {schema}"));
    let examples = fields.iter().map(|(name, it)| (name.clone(), example_of(description, it)));
    Value::Object(examples.collect())
}
