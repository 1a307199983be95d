## Creating an account: /auth/register and /auth/invitation/…

sign-up-title = Create an account
# $site: the name of this site
sign-up-invited = You have been invited to { $site }. Choose a name and a password.
sign-up-needs-approval = New accounts need approval by an administrator. We will email you when a decision is made.
name-label = Name
name-hint = The name others see. You can change it later.
sign-up-submit = Create account
sign-up-sign-in = Already have an account? { $link-start }Sign in{ $link-end }
sign-up-email-taken = This email address already has an account. Sign in instead.
sign-up-welcome = Welcome! Your account is ready.
sign-up-closed = Sign-up is closed. Contact the administrator if you need an account.
sign-up-by-invitation = Sign-up is by invitation only. Open the link in your invitation, or ask the administrator for one.
sign-up-again = Sign up again
invitation-gone = This invitation was used or revoked, or it has expired. Ask the person who invited you for a new one.
invitation-for-another = This invitation is for a different email address. Enter the address it was sent to.
# The title of the pages that say it to signed-in visitors, who follow a link that creates an account.
already-signed-in-title = You are already signed in
invitation-signed-in = You are signed in, so you already have an account. To create another one with this invitation, sign out first.
# The invitation that a sign-up used no longer works when its email address is confirmed.
invitation-lost = The invitation you signed up with was used by someone else or revoked, so this account can’t be activated. Sign up again without an invitation, or ask the person who invited you for a new one. If you already have an account, sign in.
# The same where sign-up is by invitation only.
invitation-lost-need-new = The invitation you signed up with was used by someone else or revoked, so this account can’t be activated. Ask the person who invited you for a new invitation and sign up with it. If you already have an account, sign in.

## After signing up, or requesting a reset link: /auth/check-mail. It must not reveal whether the address has an account.

check-email-title = Check your email
check-email = If this address can be used here, we have emailed you a link. Open it to continue.
check-email-development = Emails are not being sent (development mode). { $link-start }Open the mailbox{ $link-end }
check-email-nothing-title = No email after a few minutes?
check-email-spam = Look in your spam folder.
check-email-typos = Check the address for typos, then { $register-start }sign up{ $register-end } or { $reset-start }reset your password{ $reset-end } again.
# The same where visitors can’t sign up.
check-email-typos-reset = Check the address for typos, then open your invitation again, or { $link-start }reset your password{ $link-end } again.
check-email-limits = We limit how many emails can be requested for one address or from one network. If you have asked several times, wait an hour and try again.

## Waiting for an administrator: /auth/awaiting-approval

approval-title = Waiting for approval
approval-pending = An administrator of { $site } has to approve your account first. You’re all set: we will email you when they decide.
approval-then = Once your account is approved, sign in with your email and password.

## Confirming the email address of a sign-up: /auth/verify-email/…

verify-title = Confirm your email
verify-intro = Confirm that { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } is your address to finish signing up.
# For an account that exists already, such as one that an administrator created.
verify-intro-account = Confirm that { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } is your address.
verify-password-hint = Enter your password to confirm.
# The link was opened in another browser than the one that signed up.
verify-password-elsewhere-hint = You signed up in a different browser, so enter the password you chose (the most recent one if you signed up twice).
verify-password-wrong = Wrong password. Enter the one you chose when you signed up.
verify-submit = Confirm and sign in
# If an administrator has to approve the account first.
verify-submit-only = Confirm email
verify-confirmed = Your email is confirmed.
verify-welcome = Welcome! Your email is confirmed and you are signed in.
verify-decline-title = I did not sign up
verify-decline-intro = Someone else entered your address. You can delete the unconfirmed account.
verify-decline-check = I did not sign up with this address
verify-decline-submit = Delete account
verify-decline-unchecked = Tick the box if you did not sign up.
verify-declined = The account has been deleted. Thanks for telling us.
verify-gone = This link has expired or was already used. If your address is already confirmed, just sign in.
verify-gone-sign-in = If it is not, sign in anyway with the email and password you chose, and we will send you a new link.
verify-gone-signed-in = This link has expired or was already used. Your apps page shows whether your email is confirmed.

## The first administrator: /auth/first-administrator/…

first-administrator-title = Create the first administrator
first-administrator-intro = { $site } has no administrator yet. This account will manage its users and invitations.
first-administrator-email-hint = Reset links and notices are sent to this address. There is no confirmation email, so check it for typos.
first-administrator-submit = Create administrator
first-administrator-welcome = Welcome! You are the administrator.
first-administrator-link-gone = This link does not work. It works once, for 24 hours, and only until there is an administrator. If you have an account, sign in. If there is no administrator yet, restart authflow: it prints a new link.
first-administrator-exists = This site has an administrator now, so this link no longer works. If you have an account, sign in.
# $command: a command line
first-administrator-taken = There is already an account with this address. To make it an administrator, run: { $code-start }{ $command }{ $code-end }
first-administrator-signed-in = You are signed in as { $address-start }{ $email }{ $address-end }. To make this account an administrator, run: { $code-start }{ $command }{ $code-end }. To create a separate account for the administrator, sign out and open the link again.
sign-up-email-reserved = This address recently belonged to an account that can still be moved back to it. Use a different address.
