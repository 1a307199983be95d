//! Why the demo did not start, or stopped by itself.

use crate::config::Problems;
use crate::error::{Error, from_db_error};

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(
        "another program uses port {0}, perhaps another demo. Choose another port with --port, such as: authflow demo --port 5100. The \
         sample app uses the next port, which must be free too."
    )]
    PortInUse(u16),
    #[error(
        "listening at port {0} failed: {1}. Choose another port with --port, such as: authflow demo --port 5100."
    )]
    PortUnusable(u16, std::io::Error),
    #[error("{0}")]
    Settings(Problems),
    #[error("the path of the temporary folder is not valid UTF-8. Set TMPDIR to another folder.")]
    Folder,
    #[error("could not create the sample users: {0}.")]
    Users(String),
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(DemoError);
