//! Where "Back" leads on the page that asks for the password: to the page that the user came from, unless that page asks as well.

use uuid::Uuid;

use crate::config::Config;
use crate::domain::addresses::{self, Address, SitePath};
use crate::web::visitor::return_to::ReturnTo;

/// The pages of signed-in users that never ask for the password when they are opened. A user's page is one as well.
const PLACES: [Address; 10] = [
    addresses::DASHBOARD,
    addresses::PROFILE,
    addresses::PROFILE_EMAIL,
    addresses::PROFILE_SESSIONS,
    addresses::PROFILE_ACTIVITY,
    addresses::PROFILE_DELETE,
    addresses::USERS,
    addresses::INVITATIONS,
    addresses::AUDIT,
    addresses::DOCTOR,
];

/// The path to go back to. `came_from`: the `Referer`, or the path in the form. `return_to`: where the confirmed password leads.
#[must_use]
pub fn way_back(config: &Config, came_from: &str, return_to: Option<&ReturnTo>) -> String {
    let came_from = ReturnTo::parse(config, came_from);
    let path = |page: &ReturnTo| {
        let path = page.as_str().split('?').next()?.strip_prefix(config.public_url.base())?;
        Some(path.to_owned()).filter(|_| page.application().is_none())
    };
    let known = [came_from.as_ref(), return_to].into_iter().flatten();
    let mut places = known.filter(|page| path(page).is_some_and(|path| is_place(&path)));
    if let Some(place) = places.next() {
        return place.as_str().to_owned();
    }
    let above = return_to.and_then(path).and_then(|path| page_above(&path));
    config.public_url.path(above.unwrap_or_else(|| addresses::PROFILE.into()))
}

fn is_place(path: &str) -> bool {
    let user = addresses::USER.part_of(path);
    PLACES.iter().any(|place| place.route() == path)
        || user.is_some_and(|id| Uuid::parse_str(id).is_ok())
}

/// The page that links to a page which asks for the password.
fn page_above(path: &str) -> Option<SitePath> {
    use addresses::{USER_DELETE, USER_REJECT, USER_REMOVE_SECOND_FACTOR};
    let of_user = [USER_DELETE, USER_REJECT, USER_REMOVE_SECOND_FACTOR];
    if let Some(user) = of_user.into_iter().find_map(|page| page.part_of(path)) {
        return Some(addresses::USER.of(user));
    }
    let of_invitations = path == addresses::USERS_INVITE.route()
        || addresses::INVITATION_DETAILS.part_of(path).is_some();
    of_invitations.then(|| addresses::INVITATIONS.into())
}
