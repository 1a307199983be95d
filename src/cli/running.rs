//! The running server, for the commands that serve: it listens, then opens its pages, then stops.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::stop_signal;
use crate::app::App;
use crate::config::Config;
use crate::domain::proxy::is_within;
use crate::error::{Error, Result};
use crate::services::email::delivery;
use crate::{routes, server, worker};

/// How long the worker may take during shutdown to finish the current email.
const WORKER_STOP: Duration = Duration::from_secs(5);

/// A server that listens before the app is ready: clients are told to retry, and monitoring sees a live process.
pub struct Starting {
    router: watch::Sender<Router>,
    server: JoinHandle<()>,
}

/// A server with its pages and its worker.
pub struct Running {
    app: App,
    server: JoinHandle<()>,
    worker: JoinHandle<()>,
    stop_worker: watch::Sender<bool>,
}

impl Starting {
    /// Serves until `stop` is true.
    pub fn at(listener: TcpListener, config: &Config, stop: watch::Receiver<bool>) -> Self {
        let (router, shown) = watch::channel(routes::starting(&Arc::new(config.clone())));
        let (proxies, gate_proxies) = (config.trusted_proxies.clone(), config.gate_proxies.clone());
        let is_trusted_proxy = move |peer| proxies.trusts(peer) || is_within(peer, &gate_proxies);
        let (limits, stopped) = (server::Limits::default(), stop_signal::received(stop));
        let server = server::serve(listener, shown, is_trusted_proxy, limits, stopped);
        Self { router, server: tokio::spawn(server) }
    }

    /// Opens the pages, and starts the worker.
    pub fn open(self, app: App) -> Running {
        drop(self.router.send_replace(routes::router(&app)));
        let (stop_worker, stopped) = watch::channel(false);
        let worker = tokio::spawn(worker::run(app.clone(), stopped));
        let checked = app.clone();
        tokio::spawn(async move { delivery::check_transport(&checked).await });
        Running { app, server: self.server, worker, stop_worker }
    }
}

impl Running {
    /// Waits until the server has stopped. Then stops the worker and closes the database.
    pub async fn until_stopped(self) -> Result<()> {
        let Self { app, server, worker, stop_worker } = self;
        server.await.map_err(|error| Error::Io("serving".into(), error.into()))?;
        tracing::info!("stopping");
        let _ = stop_worker.send(true);
        if tokio::time::timeout(WORKER_STOP, worker).await.is_err() {
            tracing::warn!(
                "an email was still being delivered; it will be retried after the next start"
            );
        }
        app.db.close().await;
        Ok(())
    }
}
