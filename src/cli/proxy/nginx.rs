//! nginx: a file for `conf.d`.

use askama::Template;

use super::site::{self, Site};

#[derive(Template)]
#[template(path = "proxy/nginx.conf", escape = "none", ext = "txt")]
struct Nginx {
    site: Site,
}

pub fn render(site: Site) -> askama::Result<String> {
    Nginx { site }.render()
}

impl Site {
    /// The path of authflow as a regular expression.
    fn base_pattern(&self) -> String {
        self.base.replace('.', "\\.")
    }

    /// Host and port as in a browser's `Host` header.
    fn authority(&self) -> &str {
        site::authority(&self.origin)
    }
}
