//! Every path of this server, relative to the path of `PUBLIC_URL`.
//!
//! Routes, links in pages and emails, and redirects all take their paths from here, so that they cannot drift apart. The paths of the JSON
//! API are in the attributes of its handlers, which its description is generated from.

use std::borrow::Cow;
use std::fmt::{self, Display};

use url::form_urlencoded::Serializer;

/// The path of a page or form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(&'static str);

impl Address {
    /// The path.
    #[must_use]
    pub const fn route(self) -> &'static str {
        self.0
    }

    /// The path with a query string of these names and values.
    #[must_use]
    pub fn with(self, query: &[(&str, &str)]) -> SitePath {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        self.with_query(&query)
    }

    /// The path with a query string that is already encoded; without one if it is empty.
    #[must_use]
    pub fn with_query(self, query: &str) -> SitePath {
        if query.is_empty() { self.into() } else { SitePath(format!("{}?{query}", self.0).into()) }
    }
}

/// A path with one variable part: a token or an ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressTemplate(&'static str);

impl AddressTemplate {
    /// The pattern of its route: `/auth/verify-email/{token}`.
    #[must_use]
    pub const fn route(self) -> &'static str {
        self.0
    }

    /// The path with this token or ID, which must need no percent-encoding.
    #[must_use]
    pub fn of(self, part: impl Display) -> SitePath {
        let (before, after) = self.around();
        SitePath(format!("{before}{part}{after}").into())
    }

    /// The token or ID in `path`, if `path` matches this template.
    #[must_use]
    pub fn part_of(self, path: &str) -> Option<&str> {
        let (before, after) = self.around();
        let part = path.strip_prefix(before)?.strip_suffix(after)?;
        (!part.is_empty() && !part.contains('/')).then_some(part)
    }

    /// The beginning of every path that matches this template.
    #[must_use]
    pub fn start(self) -> &'static str {
        self.around().0
    }

    fn around(self) -> (&'static str, &'static str) {
        let (before, rest) = self.0.split_once('{').expect("a template has a part in braces");
        (before, rest.split_once('}').expect("a template closes its brace").1)
    }
}

impl From<Address> for &'static str {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl From<AddressTemplate> for &'static str {
    fn from(template: AddressTemplate) -> Self {
        template.0
    }
}

/// A path of this site for links and redirects, relative to the path of `PUBLIC_URL`. It may have a query string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePath(Cow<'static, str>);

impl From<Address> for SitePath {
    fn from(address: Address) -> Self {
        Self(address.0.into())
    }
}

impl Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Signing up, in and out.
/// Redirects to the dashboard or the sign-in page.
pub const HOME: Address = Address("/");
/// Redirects like [`HOME`], for visitors who shorten a URL by hand.
pub const AUTH: Address = Address("/auth");
/// Choose the language of this browser.
pub const LANGUAGE: Address = Address("/language");
/// Choose the colors of this browser.
pub const APPEARANCE: Address = Address("/appearance");
/// Sign up.
pub const REGISTER: Address = Address("/auth/register");
/// Asks visitors to check their email, after a sign-up or a request for a reset link.
pub const CHECK_MAIL: Address = Address("/auth/check-mail");
/// Tells visitors after a sign-up that an administrator has to accept it.
pub const AWAITING_APPROVAL: Address = Address("/auth/awaiting-approval");
/// Sign in.
pub const SIGN_IN: Address = Address("/auth/login");
/// The second step of a sign-in.
pub const TWO_FACTOR: Address = Address("/auth/two-factor");
/// Sign out.
pub const SIGN_OUT: Address = Address("/auth/logout");
/// Request a reset link.
pub const FORGOT_PASSWORD: Address = Address("/auth/forgot-password");
/// Become the first administrator, with the link that the server prints.
pub const FIRST_ADMINISTRATOR: AddressTemplate =
    AddressTemplate("/auth/first-administrator/{token}");

// Targets of links in emails.
/// Confirm the address of a sign-up.
pub const VERIFY_EMAIL: AddressTemplate = AddressTemplate("/auth/verify-email/{token}");
/// Choose a new password.
pub const RESET_PASSWORD: AddressTemplate = AddressTemplate("/auth/reset-password/{token}");
/// Confirm the new address of an account.
pub const CONFIRM_EMAIL: AddressTemplate = AddressTemplate("/auth/confirm-email/{token}");
/// Sign up by invitation.
pub const INVITATION: AddressTemplate = AddressTemplate("/auth/invitation/{token}");
/// Report a change or sign-in that the owner did not make.
pub const NOT_ME: AddressTemplate = AddressTemplate("/auth/not-me/{token}");

// The user's own pages.
/// The start page of a signed-in user.
pub const DASHBOARD: Address = Address("/dashboard");
/// Confirm the password before a sensitive action.
pub const CONFIRM_PASSWORD: Address = Address("/auth/confirm-password");
/// Change name, language and time zone.
pub const PROFILE: Address = Address("/profile");
/// Change the email address.
pub const PROFILE_EMAIL: Address = Address("/profile/email");
/// Cancel a pending change of the email address.
pub const PROFILE_EMAIL_WITHDRAW: Address = Address("/profile/email/withdraw");
/// Send a confirmation email to the current address.
pub const PROFILE_EMAIL_CONFIRM: Address = Address("/profile/email/confirm");
/// Change the password.
pub const PROFILE_PASSWORD: Address = Address("/profile/password");
/// Two-factor authentication.
pub const PROFILE_TWO_FACTOR: Address = Address("/profile/two-factor");
/// Turn off two-factor authentication.
pub const PROFILE_TWO_FACTOR_DISABLE: Address = Address("/profile/two-factor/disable");
/// Generate new recovery codes.
pub const PROFILE_RECOVERY_CODES: Address = Address("/profile/two-factor/recovery-codes");
/// Download the recovery codes that were just generated.
pub const PROFILE_RECOVERY_CODES_DOWNLOAD: Address =
    Address("/profile/two-factor/recovery-codes/download");
/// The user has saved the recovery codes.
pub const PROFILE_RECOVERY_CODES_SAVED: Address =
    Address("/profile/two-factor/recovery-codes/saved");
/// The sessions of the account.
pub const PROFILE_SESSIONS: Address = Address("/profile/sessions");
/// End one session.
pub const PROFILE_SESSIONS_REVOKE: Address = Address("/profile/sessions/revoke");
/// End all other sessions.
pub const PROFILE_SESSIONS_REVOKE_OTHERS: Address = Address("/profile/sessions/revoke-others");
/// The recent activity of the account.
pub const PROFILE_ACTIVITY: Address = Address("/profile/activity");
/// Everything stored about the account, as a file.
pub const PROFILE_EXPORT: Address = Address("/profile/export");
/// Delete the account.
pub const PROFILE_DELETE: Address = Address("/profile/delete");

// Administration.
/// The figures of the whole site.
pub const ADMINISTRATION: Address = Address("/admin");
/// The list of users.
pub const USERS: Address = Address("/admin/users");
/// Create an invitation.
pub const USERS_INVITE: Address = Address("/admin/users/invite");
/// Every role, who has it, and which apps ask for it.
pub const ROLES: Address = Address("/admin/roles");
/// The list of invitations.
pub const INVITATIONS: Address = Address("/admin/invitations");
/// One invitation and its link.
pub const INVITATION_DETAILS: AddressTemplate = AddressTemplate("/admin/invitations/{id}");
/// Revoke an invitation.
pub const INVITATION_REVOKE: AddressTemplate = AddressTemplate("/admin/invitations/{id}/revoke");
/// One user.
pub const USER: AddressTemplate = AddressTemplate("/admin/users/{id}");
/// Approve a sign-up.
pub const USER_APPROVE: AddressTemplate = AddressTemplate("/admin/users/{id}/approve");
/// Reject a sign-up.
pub const USER_REJECT: AddressTemplate = AddressTemplate("/admin/users/{id}/reject");
/// Disable an account.
pub const USER_DISABLE: AddressTemplate = AddressTemplate("/admin/users/{id}/disable");
/// Enable an account.
pub const USER_ENABLE: AddressTemplate = AddressTemplate("/admin/users/{id}/enable");
/// Set an account's roles.
pub const USER_ROLES: AddressTemplate = AddressTemplate("/admin/users/{id}/roles");
/// Change an account's handle.
pub const USER_HANDLE: AddressTemplate = AddressTemplate("/admin/users/{id}/handle");
/// End all sessions of an account.
pub const USER_REVOKE_SESSIONS: AddressTemplate =
    AddressTemplate("/admin/users/{id}/revoke-sessions");
/// Send a reset link.
pub const USER_SEND_RESET: AddressTemplate = AddressTemplate("/admin/users/{id}/send-reset");
/// Send the confirmation email again.
pub const USER_RESEND_CONFIRMATION: AddressTemplate =
    AddressTemplate("/admin/users/{id}/resend-confirmation");
/// Mark an address as confirmed.
pub const USER_VERIFY_EMAIL: AddressTemplate = AddressTemplate("/admin/users/{id}/verify-email");
/// Remove an account's second factor.
pub const USER_REMOVE_SECOND_FACTOR: AddressTemplate =
    AddressTemplate("/admin/users/{id}/remove-second-factor");
/// Delete an account.
pub const USER_DELETE: AddressTemplate = AddressTemplate("/admin/users/{id}/delete");
/// The list of emails.
pub const EMAILS: Address = Address("/admin/emails");
/// Retry one failed email, or all of them.
pub const EMAILS_RETRY: Address = Address("/admin/emails/retry");
/// The audit log.
pub const AUDIT: Address = Address("/admin/audit");
/// The audit log as a file.
pub const AUDIT_EXPORT: AddressTemplate = AddressTemplate("/admin/audit/export/{file}");
/// Dismiss a step of the setup.
pub const SETUP_DISMISS: Address = Address("/admin/setup/dismiss");
/// The diagnosis of the installation.
pub const DOCTOR: Address = Address("/admin/doctor");
/// Shows `authflow doctor` how its request arrived, if it has the same `SECRET_KEY`.
pub const DOCTOR_REQUEST: Address = Address("/admin/doctor/request");

// The gate.
/// nginx asks this endpoint about each request.
pub const GATE_NGINX: Address = Address("/gate/nginx");
/// Caddy and Traefik ask this endpoint about each request.
pub const GATE_FORWARD: Address = Address("/gate/forward");
/// Redirects to a return address that is too long for URLs.
pub const RETURN: Address = Address("/auth/return");
/// Sends a visitor of a guarded app to the sign-in page, and back with a ticket.
pub const GATE_START: Address = Address("/gate/start");

// Development, static files and health checks.
/// The emails that are not sent in development mode.
pub const DEV_MAIL: Address = Address("/dev/mail");
/// One of these emails.
pub const DEV_MAIL_SHOW: AddressTemplate = AddressTemplate("/dev/mail/{id}");
/// The HTML part of one of these emails.
pub const DEV_MAIL_HTML: AddressTemplate = AddressTemplate("/dev/mail/{id}/html");
/// Stylesheet and icon.
pub const STATIC: AddressTemplate = AddressTemplate("/static/{name}");
/// Whether the process responds.
pub const HEALTH: Address = Address("/health");
/// Whether the server can handle requests.
pub const HEALTH_READY: Address = Address("/health/ready");

/// The addresses of forms that accept only POST, and the page with the form.
const FORMS: [(Address, Address); 9] = [
    (PROFILE_EMAIL_WITHDRAW, PROFILE_EMAIL),
    (PROFILE_EMAIL_CONFIRM, PROFILE_EMAIL),
    (PROFILE_TWO_FACTOR_DISABLE, PROFILE_TWO_FACTOR),
    (PROFILE_RECOVERY_CODES_SAVED, PROFILE_RECOVERY_CODES),
    (PROFILE_RECOVERY_CODES_DOWNLOAD, PROFILE_RECOVERY_CODES),
    (PROFILE_SESSIONS_REVOKE, PROFILE_SESSIONS),
    (PROFILE_SESSIONS_REVOKE_OTHERS, PROFILE_SESSIONS),
    (SETUP_DISMISS, DASHBOARD),
    (EMAILS_RETRY, EMAILS),
];

/// Those on the page of one user.
const FORMS_ABOUT_USERS: [AddressTemplate; 9] = [
    USER_APPROVE,
    USER_DISABLE,
    USER_ENABLE,
    USER_ROLES,
    USER_HANDLE,
    USER_REVOKE_SESSIONS,
    USER_SEND_RESET,
    USER_RESEND_CONFIRMATION,
    USER_VERIFY_EMAIL,
];

/// The page with the form that is sent to `path`, if only POST is allowed there.
#[must_use]
pub fn page_of_form(path: &str) -> Option<SitePath> {
    if let Some((_, page)) = FORMS.into_iter().find(|(form, _)| form.route() == path) {
        return Some(page.into());
    }
    if let Some(id) = INVITATION_REVOKE.part_of(path) {
        return Some(INVITATION_DETAILS.of(id));
    }
    FORMS_ABOUT_USERS.iter().find_map(|it| it.part_of(path)).map(|id| USER.of(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_can_be_filled_and_parsed_again() {
        let path = INVITATION_REVOKE.of("a-b_c").to_string();
        assert_eq!(path, "/admin/invitations/a-b_c/revoke");
        assert_eq!(INVITATION_REVOKE.part_of(&path), Some("a-b_c"));
        for other in ["/admin/invitations//revoke", "/admin/invitations/a/b/revoke", "/x", ""] {
            assert_eq!(INVITATION_REVOKE.part_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_query_is_encoded() {
        let path = SIGN_IN.with(&[("return_to", "/a?b=c&d"), ("unsaved", "on")]);
        assert_eq!(path.to_string(), "/auth/login?return_to=%2Fa%3Fb%3Dc%26d&unsaved=on");
        assert_eq!(SIGN_IN.with_query(""), SIGN_IN.into());
    }
}
