## Signing in and out

sign-in-title = Sign in
sign-in = Sign in
sign-out = Sign out
email-or-handle-label = Email or handle
sign-in-remember = Keep me signed in on this device
sign-in-new-here = New here? { $link-start }Create an account{ $link-end }
sign-in-wrong = Wrong email, handle or password, or the account is disabled. If you have not confirmed your email yet, we may have just sent you a new link.
# $app: the address of an app, for example https://wiki.example.org
sign-in-continue = Sign in to continue to { $app }.
sign-in-to-see = Sign in to see this page.
sign-in-unsaved = You were signed out, so your changes were not saved. Sign in and submit them again.
too-many-sign-ins = Too many sign-in attempts. Try again in { $wait }.
forgot-password = Forgot your password?
signed-out = You are signed out.
back-to-sign-in = Back to sign-in
back-to-dashboard = Back to your apps

## Signing out: /auth/logout

sign-out-question = Sign out?
# Not sign-out, which the header of the page has as well.
sign-out-now = Sign out now
sign-out-scope = Signing out ends this session here and in every app you opened with it.

## The two-factor code of a sign-in: /auth/two-factor

sign-in-code-title = Two-factor code
# For a session that started without a code. $email: the address of the signed-in user
sign-in-code-completes = You are signed in as { $address-start }{ $email }{ $address-end }, but this session has no two-factor code yet. Enter one to continue.
# $name: an email address or a handle
sign-in-code-for = Signing in as { $strong-start }{ $address-start }{ $name }{ $address-end }{ $strong-end }.
sign-in-code-hint = 6 digits from your authenticator app.
sign-in-code-no-app = I can’t use my app
sign-in-code-recovery = Use one of the recovery codes that you saved when you turned on two-factor authentication. Each code works once. If you have lost both your app and your codes, contact the administrator.
recovery-code-label = Recovery code
recovery-code-hint = 6 groups of 4 letters and digits, with or without hyphens.
sign-in-with-recovery-code = Sign in with a recovery code
continue-with-recovery-code = Continue with a recovery code
sign-in-as-other = Sign in with a different account
sign-in-started-over = That took too long, or your account was changed in the meantime. Sign in again.
recovery-code-used = { $left ->
    [0] You used your last recovery code. Generate new ones now.
    [one] You used a recovery code. { $left } is left.
   *[other] You used a recovery code. { $left } are left.
}

## Confirming who you are before an important change: /auth/confirm-password

confirm-password-title = Confirm your password
# With a two-factor code or an emailed code.
confirm-identity-title = Confirm that it’s you
confirm-why = To protect your account, we ask for this before important changes.
confirm-password-hint = The password of { $email }.
confirm-done = Confirmed. You can continue. Nothing has been changed yet.
confirm-has-password = Your account has a password. Confirm it instead.
# $lasts: a duration
emailed-code-why = To protect your account, we ask for a code before important changes. We will email it to { $email }. It expires after { $lasts } and works only in this browser.
emailed-code-enter = Enter the code that we emailed to { $email }. It expires after { $lasts } and works only in this browser.
emailed-code-hint = 8 digits.
emailed-code-send = Send code
emailed-code-send-again = Send another code
emailed-code-sent = We have emailed you a code.
emailed-code-missing = Enter the code from the email.
emailed-code-malformed = Enter the 8 digits from the email.
emailed-code-wrong = That code is wrong. Enter the code from the newest email. { $left ->
    [one] You have { $left } try left.
   *[other] You have { $left } tries left.
}
emailed-code-wrong-last = That code is wrong, and this was the last try. Send another code.
emailed-code-expired = That code no longer works in this browser. Send another code.

## Returning to the page that the visitor asked for

# The address was too long for a URL, so it was stored for a day.
return-address-expired = We kept the address of the page you asked for, but only for one day. Open the page again.
return-address-too-long = The address of the page you asked for is longer than 8 KiB, so we can’t take you back to it. Sign in, then open it again.
return-address-too-many = The address of the page you asked for is very long, and your network has asked for too many such pages in the last hour. We can’t take you back to it. Sign in, then open it again.
# A link to the same page, without the address to return to.
return-address-leave = Continue without it

## Why a session ended, on the sign-in page

sign-in-again = Sign in again
session-copied = We ended this session because an old copy of its cookie was used. Someone may have copied this browser’s data, or it was restored from a backup. Sign in again. If you didn’t expect this, check your sessions and change your password if you have one.
session-ended-password-reset = You were signed out because your password was reset. Sign in with the new one.
# The password was changed, or set for the first time.
session-ended-password-changed = You were signed out because your account has a new password. Sign in with it.
session-ended-email-changed = You were signed out because the email address of your account was changed. Sign in with the new one.
session-ended-second-factor-changed = You were signed out because two-factor authentication was changed in another browser. Sign in again.
session-ended-from-another = You ended this session from another browser. Sign in again to continue.
# Someone confirmed the “This wasn’t me” page of an email. The account may have no password.
session-ended-secured = Someone with access to your email did not recognize activity in your account, so everyone was signed out. If your account had a password, it was disabled: reset it, then sign in again.
session-ended-made-room = You were signed out because your account was signed in on too many other devices. Sign in again.
session-ended-by-administrator = An administrator signed you out. You can sign in again.
session-ended-account-disabled = Your account has been disabled. If you think this is a mistake, contact the administrator.
administrators-only = Only administrators can see this page.
