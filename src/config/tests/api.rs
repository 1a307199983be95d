//! The JSON API.

use super::{problems, read};

#[test]
fn cors_origins_are_written_as_browsers_send_them() {
    let origins = |text: &str| {
        read(&[("CORS_ALLOWED_ORIGINS", text)]).map(|it| it.config.cors_allowed_origins)
    };
    assert!(origins("").unwrap().is_empty());
    assert_eq!(
        origins("https://App.Example.org/ , http://localhost:5173,https://bücher.example:443,capacitor://localhost,").unwrap(),
        [
            "https://app.example.org",
            "http://localhost:5173",
            "https://xn--bcher-kva.example",
            "capacitor://localhost"
        ]
    );
    for text in [
        "*",
        "null",
        "app.example.org",
        "https://",
        "https://*.example.org",
        "https://app.example.org/path",
        "https://app.example.org?x",
        "https://app.example.org#x",
        "https://ada@app.example.org",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://a.example https://b.example",
        "https:a.example",
        "wss://a.example",
    ] {
        let problems = origins(text).expect_err(text).0;
        assert!(problems[0].starts_with("CORS_ALLOWED_ORIGINS must be origins"), "{text}");
    }
}

#[test]
fn several_audiences_are_parsed() {
    let audiences = |text: &str| {
        let config = read(&[("JWT_AUDIENCE", text)]).unwrap().config;
        config.jwt.audiences.all().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(audiences("https://api.example.org"), ["https://api.example.org"]);
    assert_eq!(audiences(" a , b,a,, c"), ["a", "b", "c"]);
    assert_eq!(audiences(""), ["http://localhost:5000"]);
    assert!(problems(&[("JWT_AUDIENCE", ",")])[0].starts_with("JWT_AUDIENCE must name"));
}
