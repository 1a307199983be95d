//! How every page reports that an administrator's action was refused.

use crate::services::administration::act::ActError;
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;

impl From<ActError> for Refused {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Unfit(why) => Self::conflict(why.into()),
            ActError::Unknown => Problem::not_found().into(),
            ActError::Failed(error) => Self::instead(error),
        }
    }
}
