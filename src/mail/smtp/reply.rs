//! Describes the replies of the mail server to the operator, without secrets.

use super::conversation::SmtpError;
use super::smtp_url::{SmtpUrl, SmtpUser};
use crate::mail::outgoing::Mail;
use crate::mail::quote::quote as without_secrets;
use crate::tls::{self, TlsFailure, Trust};

/// Reply codes that require or refuse our sign-in, after any command (RFC 4954, section 6).
const SIGN_IN: [u16; 4] = [530, 534, 535, 538];

pub fn is_about_sign_in(error: &SmtpError) -> bool {
    error.reply().is_some_and(|reply| SIGN_IN.contains(&reply.code))
}

/// `mail`: the email that the error is about, if any.
pub fn in_words(url: &SmtpUrl, error: &SmtpError, mail: Option<&Mail>) -> String {
    match error {
        SmtpError::Refused(reply) => quote(url, &reply.text(), mail),
        SmtpError::Broken(error) if TlsFailure::of(error) == Some(TlsFailure::NoTls) => {
            format!("{}; smtp:// (STARTTLS) is for such ports", TlsFailure::NoTls)
        }
        SmtpError::Broken(error) => {
            tls::in_words(error, &url.host, Trust::Variable("SMTP_CA_FILE"))
        }
        error => error.to_string(),
    }
}

/// The reply without the password and without the secrets in the email.
pub fn quote(url: &SmtpUrl, text: &str, mail: Option<&Mail>) -> String {
    let of_mail = mail.into_iter().flat_map(|mail| &mail.secrets);
    let password = url.user.as_ref().map(|user| &user.password);
    let encoded = url.user.as_ref().map(SmtpUser::encoded);
    let secrets = of_mail.chain(password).chain(encoded.iter().flatten());
    without_secrets(text, &secrets.map(|it| it.reveal().as_str()).collect::<Vec<_>>())
}
