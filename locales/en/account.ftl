## The links between the pages of an account

account-nav = Account settings

## /dashboard

dashboard-greeting = Hello, { $name }
dashboard-apps = Your apps
dashboard-apps-empty = No apps yet. The apps of this site appear here.
dashboard-account = Your account
dashboard-handle = Handle
dashboard-roles = Roles
# Links after a value.
dashboard-change = Change
dashboard-set = Set
# Tags after a value: of the email, the password, and two-factor authentication.
dashboard-confirmed = Confirmed
dashboard-unconfirmed = Not confirmed
dashboard-no-password = None
dashboard-on = On
dashboard-off = Off
dashboard-session = This session
# $at: how long ago, or when
dashboard-signed-in = Signed in { $at }
dashboard-sessions = All sessions

## What needs attention, on the same page

attention-title = Needs attention
attention-new-device = Sign-in from a new device
# $at: how long ago, and when. $device, for example: Firefox on Linux
attention-new-device-text = { $device } signed in { $at } from { $address }. If that wasn’t you, end its session and change your password.
attention-new-device-review = Review sessions
attention-email = Confirm your email
attention-email-confirm = Confirm email
attention-recovery-codes = Few recovery codes left

## Changing the email: /profile/email. Its title is email-label.

email-current = Your email is { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
email-unconfirmed = You have not confirmed this email yet. Until you do, you can’t open apps that identify people by their email.
email-send-confirmation = Send confirmation link
# $lifetime: a duration
email-confirmation-sent = We sent a link to { $email }. Open it within { $lifetime } to confirm your email.
email-already-confirmed = { $email } is already confirmed.
# In the title of the page.
email-pending-title = Link sent
# $lifetime: a duration
email-pending = We sent a link to { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }. It works for { $lifetime } after it was sent. Open it while you are signed in here, and confirm the change. Until then, nothing changes.
email-cancel-change = Cancel the change
email-unchanged = The change is cancelled.
# The form kept a value while the user confirmed their password.
email-kept = We kept what you entered. Please submit it again.
email-new-label = New email
email-new-hint = We will send a link to the new address. When you confirm the change there, you are signed out on your other devices and sign in with the new address. We also notify the old one.
email-change = Change email
email-same = This is already your email. Enter a different one.
# $wait: a duration
email-too-many-to-address = We have sent several emails to this address recently. Try again in { $wait }.

## The link that confirms a new email: /auth/confirm-email/…

email-confirm-title = Confirm your new email
email-confirm-intro = This changes your email from { $strong-start }{ $address-start }{ $old }{ $address-end }{ $strong-end } to { $strong-start }{ $address-start }{ $new }{ $address-end }{ $strong-end }. You then sign in with the new address and are signed out on all other devices.
email-confirm-use = Use this email
email-confirm-keep = Keep my current email
profile-email-changed = Your email has been changed.
email-link-signed-out-title = Sign in first
email-link-signed-out = Only the owner of an account can change its email. Sign in with your current email, then open the link in our message again.
# $lifetime: a duration
email-link-gone = Confirmation links work once and expire after { $lifetime }. This one was used, has expired, or was replaced by a newer one.
email-link-foreign-title = This link is for another account
email-link-foreign = You are signed in as { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }. Sign out, sign in to the account that requested the change, and open the link again.
email-link-done-title = Already done
email-link-done = Your email is already { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
email-link-taken-title = This email is already in use
email-link-taken = Another account took this email while your change was pending. Your own email has not changed.
email-link-choose = Choose a different email

## Changing or setting the password: /profile/password. Its title is password-label.

password-none = Your account has no password. With one, you can sign in with your email or handle and the password.
password-current-label = Current password
password-change = Change password
password-set = Set password
password-forgot-current = Forgot your current password?
password-changed = Your password has been changed, and you are signed out on all other devices.
password-was-set = Your password has been set, and you are signed out on all other devices.
password-outdated = Your account changed in the meantime, so no password was set. This page shows its current state.

## Exporting one’s data and deleting the account: /profile/delete

data-title = Your data
data-export-title = Export
data-export = Everything we store about you, as a JSON file: account, roles, sessions, activity and emails. It contains no passwords or secrets.
data-export-download = Download my data
data-delete-title = Delete your account
data-delete-short = Permanently deletes your account. You can’t undo this.
data-delete-question = Delete your account?
data-delete = This permanently deletes the account { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } and all its data, and signs you out everywhere. You can’t undo this. Audit log entries are kept; they contain your IP address, but not your name or email.
data-delete-submit = Delete my account
data-deleted = Your account has been deleted.
data-delete-outdated = Your account changed in the meantime, so it was not deleted. Open this page again.
data-delete-last-administrator = You are the last administrator. Make someone else an administrator first.

## The link “This wasn’t me” of every notice: /auth/not-me/…

# Also the label of the checkbox that has to be ticked.
not-me-title = This wasn’t me
not-me-account = This is about your account { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
not-me-account-moved = This is about your account, whose email was changed from { $strong-start }{ $address-start }{ $old }{ $address-end }{ $strong-end } to { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
not-me-warning = If you did not do what our email described, someone else may have access. If you continue:
# What happens, as a list.
not-me-restores = The email of the account changes back to { $strong-start }{ $address-start }{ $old }{ $address-end }{ $strong-end }.
not-me-signs-out = Everyone is signed out of the account.
# The account may have no password.
not-me-password = If the account has a password, it stops working.
not-me-email-change = A pending change of email is cancelled.
not-me-second-factor = Two-factor authentication, which was turned on less than a week ago, is turned off.
not-me-reset-link = We email you a reset link.
not-me-kept = You will need a code from your authenticator app, or a recovery code, to reset the password. Recovery codes that were generated in the last seven days stop working.
# $command: a command line
not-me-kept-for-administrator = This is an administrator’s account, so two-factor authentication stays on, although it was turned on less than a week ago. You will need a code from the authenticator app, or a recovery code, to reset the password. If you did not turn it on, ask another administrator to turn it off, or run { $code-start }{ $command }{ $code-end } on the server.
not-me-submit = Sign out everywhere
not-me-unticked = Tick the box if this wasn’t you.
not-me-was-me = If it was you, close this page. Nothing has changed.
not-me-secured = Everyone is signed out of your account. If it had a password, it no longer works. We sent a reset link to { $email }.
not-me-done-title = Already done
not-me-done = Everyone is signed out of your account. If it had a password, it no longer works. Check your email for the reset link.
not-me-gone = This link was used or has expired, or the account is disabled or deleted. You can still reset your password, which signs your account out everywhere.
