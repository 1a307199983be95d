//! Every address this server answers at, below the path of `PUBLIC_URL`.
//!
//! Routes, links in pages and emails, and redirects all take their paths from here, so that they can't drift apart. The JSON API's
//! paths stand above its handlers, where its description takes them from.

use std::borrow::Cow;
use std::fmt::{self, Display};

use url::form_urlencoded::Serializer;

/// The address of a page or form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(&'static str);

impl Address {
    /// The path.
    #[must_use]
    pub const fn route(self) -> &'static str {
        self.0
    }

    /// The path with a query of these names and values.
    #[must_use]
    pub fn with(self, query: &[(&str, &str)]) -> SitePath {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        self.with_query(&query)
    }

    /// The path with an encoded query; without one if it is empty.
    #[must_use]
    pub fn with_query(self, query: &str) -> SitePath {
        if query.is_empty() { self.into() } else { SitePath(format!("{}?{query}", self.0).into()) }
    }
}

/// The address of pages that differ in one part of the path: a token or an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressTemplate(&'static str);

impl AddressTemplate {
    /// The pattern of its route: `/auth/verify-email/{token}`.
    #[must_use]
    pub const fn route(self) -> &'static str {
        self.0
    }

    /// The path with this token or id, which holds only characters that need no encoding.
    #[must_use]
    pub fn of(self, part: impl Display) -> SitePath {
        let (before, after) = self.around();
        SitePath(format!("{before}{part}{after}").into())
    }

    /// The token or id in `path`, if that is an address of this kind.
    #[must_use]
    pub fn part_of(self, path: &str) -> Option<&str> {
        let (before, after) = self.around();
        let part = path.strip_prefix(before)?.strip_suffix(after)?;
        (!part.is_empty() && !part.contains('/')).then_some(part)
    }

    /// What every path of this kind begins with.
    #[must_use]
    pub fn start(self) -> &'static str {
        self.around().0
    }

    fn around(self) -> (&'static str, &'static str) {
        let (before, rest) = self.0.split_once('{').expect("a template has a part in braces");
        (before, rest.split_once('}').expect("the part's brace is closed").1)
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

/// A path of this site, perhaps with a query, below the path of `PUBLIC_URL`: what redirects and links take.
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

// The way in.
/// Leads to the dashboard or the sign-in page.
pub const HOME: Address = Address("/");
/// The same, for people who cut an address short.
pub const AUTH: Address = Address("/auth");
/// Sign up.
pub const REGISTER: Address = Address("/auth/register");
/// After signing up or asking for a reset link: look in your mailbox.
pub const CHECK_MAIL: Address = Address("/auth/check-mail");
/// After signing up where an administrator decides.
pub const AWAITING_APPROVAL: Address = Address("/auth/awaiting-approval");
/// Sign in.
pub const SIGN_IN: Address = Address("/auth/login");
/// The second step of a sign-in.
pub const TWO_FACTOR: Address = Address("/auth/two-factor");
/// Sign out.
pub const SIGN_OUT: Address = Address("/auth/logout");
/// Ask for a reset link.
pub const FORGOT_PASSWORD: Address = Address("/auth/forgot-password");

// Behind links in emails.
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
/// Show again who you are, before something sensitive.
pub const CONFIRM_PASSWORD: Address = Address("/auth/confirm-password");
/// The name to go by.
pub const PROFILE: Address = Address("/profile");
/// The email address.
pub const PROFILE_EMAIL: Address = Address("/profile/email");
/// Withdraw the change to another address.
pub const PROFILE_EMAIL_WITHDRAW: Address = Address("/profile/email/withdraw");
/// Send the email that confirms the present address.
pub const PROFILE_EMAIL_CONFIRM: Address = Address("/profile/email/confirm");
/// The password.
pub const PROFILE_PASSWORD: Address = Address("/profile/password");
/// Two-factor authentication.
pub const PROFILE_TWO_FACTOR: Address = Address("/profile/two-factor");
/// Turn it off.
pub const PROFILE_TWO_FACTOR_DISABLE: Address = Address("/profile/two-factor/disable");
/// New recovery codes.
pub const PROFILE_RECOVERY_CODES: Address = Address("/profile/two-factor/recovery-codes");
/// The recovery codes just made, as a file.
pub const PROFILE_RECOVERY_CODES_DOWNLOAD: Address =
    Address("/profile/two-factor/recovery-codes/download");
/// Where the account is signed in.
pub const PROFILE_SESSIONS: Address = Address("/profile/sessions");
/// End one session.
pub const PROFILE_SESSION_REVOKE: AddressTemplate =
    AddressTemplate("/profile/sessions/{id}/revoke");
/// End all other sessions.
pub const PROFILE_SESSIONS_REVOKE_OTHERS: Address = Address("/profile/sessions/revoke-others");
/// What happened in the account.
pub const PROFILE_ACTIVITY: Address = Address("/profile/activity");
/// Everything stored about the account, as a file.
pub const PROFILE_EXPORT: Address = Address("/profile/export");
/// Delete the account.
pub const PROFILE_DELETE: Address = Address("/profile/delete");

// Administration.
/// Leads to the list of users.
pub const ADMINISTRATION: Address = Address("/admin");
/// The list of users.
pub const USERS: Address = Address("/admin/users");
/// Make an invitation.
pub const USERS_INVITE: Address = Address("/admin/users/invite");
/// The list of invitations.
pub const INVITATIONS: Address = Address("/admin/invitations");
/// One invitation and its link.
pub const INVITATION_DETAILS: AddressTemplate = AddressTemplate("/admin/invitations/{id}");
/// Revoke an invitation.
pub const INVITATION_REVOKE: AddressTemplate = AddressTemplate("/admin/invitations/{id}/revoke");
/// One user.
pub const USER: AddressTemplate = AddressTemplate("/admin/users/{id}");
/// Accept a sign-up.
pub const USER_ACCEPT: AddressTemplate = AddressTemplate("/admin/users/{id}/accept");
/// Refuse a sign-up.
pub const USER_REFUSE: AddressTemplate = AddressTemplate("/admin/users/{id}/refuse");
/// Disable an account.
pub const USER_DISABLE: AddressTemplate = AddressTemplate("/admin/users/{id}/disable");
/// Enable an account.
pub const USER_ENABLE: AddressTemplate = AddressTemplate("/admin/users/{id}/enable");
/// Set an account's roles.
pub const USER_ROLES: AddressTemplate = AddressTemplate("/admin/users/{id}/roles");
/// End all sessions of an account.
pub const USER_REVOKE_SESSIONS: AddressTemplate =
    AddressTemplate("/admin/users/{id}/revoke-sessions");
/// Send a reset link.
pub const USER_SEND_RESET: AddressTemplate = AddressTemplate("/admin/users/{id}/send-reset");
/// Send the confirmation email again.
pub const USER_RESEND_CONFIRMATION: AddressTemplate =
    AddressTemplate("/admin/users/{id}/resend-confirmation");
/// Count an address as confirmed.
pub const USER_VERIFY_EMAIL: AddressTemplate = AddressTemplate("/admin/users/{id}/verify-email");
/// Remove an account's second factor.
pub const USER_REMOVE_SECOND_FACTOR: AddressTemplate =
    AddressTemplate("/admin/users/{id}/remove-second-factor");
/// Delete an account.
pub const USER_DELETE: AddressTemplate = AddressTemplate("/admin/users/{id}/delete");
/// The audit log.
pub const AUDIT: Address = Address("/admin/audit");
/// The audit log as a file.
pub const AUDIT_EXPORT: AddressTemplate = AddressTemplate("/admin/audit/export/{file}");
/// The diagnosis of the installation.
pub const DOCTOR: Address = Address("/admin/doctor");
/// How a request arrives here, for the command line that has the same `SECRET_KEY`.
pub const DOCTOR_REQUEST: Address = Address("/admin/doctor/request");

// The gate.
/// What nginx asks for each request.
pub const GATE_NGINX: Address = Address("/gate/nginx");
/// What Caddy and Traefik ask for each request.
pub const GATE_FORWARD: Address = Address("/gate/forward");
/// From a guarded app to the sign-in page, and back with a ticket.
pub const GATE_START: Address = Address("/gate/start");

// Development, and files.
/// Emails that stay on this machine.
pub const DEV_MAIL: Address = Address("/dev/mail");
/// One of them.
pub const DEV_MAIL_SHOW: AddressTemplate = AddressTemplate("/dev/mail/{id}");
/// Its HTML part.
pub const DEV_MAIL_HTML: AddressTemplate = AddressTemplate("/dev/mail/{id}/html");
/// Stylesheet and icon.
pub const STATIC: AddressTemplate = AddressTemplate("/static/{name}");
/// Whether the process answers.
pub const HEALTH: Address = Address("/health");
/// Whether it can serve.
pub const HEALTH_READY: Address = Address("/health/ready");

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
