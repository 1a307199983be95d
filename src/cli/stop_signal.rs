//! The signals that stop the process: Ctrl-C and SIGTERM.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit_code::FAILED;
use crate::error::{Error, Result};

/// A value that becomes true when the process receives one of the signals.
pub fn listen() -> Result<watch::Receiver<bool>> {
    let mut terminate =
        signal(SignalKind::terminate()).map_err(Error::io("listening for signals"))?;
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(Error::io("listening for signals"))?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = stop.send(true);
    });
    Ok(stopped)
}

/// Waits for a signal.
pub async fn received(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|is_received| *is_received).await;
}

/// Drops the work when a signal arrives. This rolls back its transaction and removes its unfinished files.
pub async fn unless_received(work: impl Future<Output = ExitCode>) -> ExitCode {
    let interrupted = async {
        match listen() {
            Ok(stop) => received(stop).await,
            Err(_) => std::future::pending().await, // then the signal ends the process as by default
        }
    };
    tokio::select! {
        code = work => code,
        () = interrupted => {
            eprintln!("Interrupted.");
            ExitCode::from(FAILED)
        }
    }
}
