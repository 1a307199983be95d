//! The arguments of `authflow proxy`.

use clap::{Args, ValueEnum};

/// The supported reverse proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProxyKind {
    /// A file for /etc/nginx/conf.d/.
    Nginx,
    /// A site for the Caddyfile.
    Caddy,
    /// A file for Traefik's file provider; with --labels, labels for its Docker provider.
    Traefik,
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct ProxyArguments {
    /// The reverse proxy.
    pub proxy: ProxyKind,
    /// The app's public URL: https://app.example.org. Without it, authflow's own site is printed.
    #[arg(long, value_name = "URL", requires = "upstream")]
    pub app: Option<String>,
    /// The address at which the proxy reaches the app: HOST:PORT.
    #[arg(long, value_name = "ADDR", requires = "app")]
    pub upstream: Option<String>,
    /// Only users with one of these roles, separated by commas; may be repeated.
    #[arg(long, value_name = "ROLES", requires = "app")]
    pub role: Vec<String>,
    /// 2: only users who signed in with two-factor authentication.
    #[arg(long, requires = "app", value_parser = ["2"])]
    pub factor: Option<String>,
    /// Also send a signed token (Remote-Token), which the app can verify.
    #[arg(long, requires = "app")]
    pub token: bool,
    /// Anyone may open this path of the app and everything below it, without signing in: /hooks opens /hooks and /hooks/x, but not
    /// /hooks2. For webhooks, share links and health checks. Repeat it for several paths.
    #[arg(long, requires = "app", value_name = "PATH")]
    pub public: Vec<String>,
    /// The address at which the proxy reaches authflow: HOST:PORT; by default, from the HOST and PORT settings.
    #[arg(long, value_name = "ADDR")]
    pub authflow: Option<String>,
    /// The certificate with its chain: a file on the proxy's machine. nginx needs one; Caddy gets its own, and Traefik with --cert-resolver.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<String>,
    /// The certificate's private key.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<String>,
    /// For nginx: also listen on IPv6, which the machine must have.
    #[arg(long)]
    pub ipv6: bool,
    /// For nginx 1.25.1 or later: use HTTP/2. Older versions don't know the directive.
    #[arg(long)]
    pub http2: bool,
    /// For Traefik: the name of the certificate resolver in its static configuration. Without it, Traefik serves the certificates of its TLS
    /// configuration.
    #[arg(long, value_name = "NAME")]
    pub cert_resolver: Option<String>,
    /// For Traefik: print Docker labels for compose.yaml instead of a file.
    #[arg(long)]
    pub labels: bool,
}
