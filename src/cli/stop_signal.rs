//! The signals that stop the process: Ctrl-C and SIGTERM.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit_code::FAILED;
use crate::error::{Error, Result};

/// A value that becomes true when the process receives one of the signals.
pub fn listen() -> Result<watch::Receiver<bool>> {
    listen_to(&[SignalKind::terminate(), SignalKind::interrupt()])
}

/// The same, also when the terminal closes or someone presses Ctrl-\\: for a command that has to clean up. A server may have to outlive its
/// terminal (`nohup`).
pub fn listen_in_terminal() -> Result<watch::Receiver<bool>> {
    let of_terminal = [SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()];
    listen_to(&[&[SignalKind::terminate()][..], &of_terminal].concat())
}

fn listen_to(kinds: &[SignalKind]) -> Result<watch::Receiver<bool>> {
    let (stop, stopped) = watch::channel(false);
    for kind in kinds {
        let mut signal = signal(*kind).map_err(Error::io("listening for signals"))?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signal.recv().await;
            let _ = stop.send(true);
        });
    }
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
