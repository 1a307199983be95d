//! Lists of web origins.

use url::Url;

/// Parses origins as browsers send them: scheme, host and port, nothing else. They are compared byte by byte.
pub fn origins(text: &str) -> Result<Vec<String>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(origin).collect()
}

/// Parses one origin.
pub fn origin(text: &str) -> Result<String, String> {
    let wrong = || {
        "must be origins separated by commas, such as https://app.example.org,http://localhost:5173: each with its scheme, without a \
         path, and none with a *"
            .to_owned()
    };
    let url = Url::parse(text).ok().filter(|_| text.contains("://")).ok_or_else(wrong)?;
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let host = url.host_str().filter(|host| is_bare && !host.is_empty() && !host.contains('*'));
    let host = host.ok_or_else(wrong)?;
    match url.scheme() {
        "http" | "https" => return Ok(url.origin().ascii_serialization()),
        "ws" | "wss" | "ftp" | "file" => return Err(wrong()),
        _ => {}
    }
    // Apps that embed a browser use custom schemes, such as capacitor://localhost.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}", url.scheme()))
}
