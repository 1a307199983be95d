//! The return address in a posted form.

/// The field `return_to` of a posted form, unless it is empty, as the browser sent it: also with a form that had expired. In the request's
/// extensions.
#[derive(Clone, Debug)]
pub struct PostedReturnTo(pub String);
