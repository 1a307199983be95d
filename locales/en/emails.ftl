## Every email. The first message of an email follows the greeting: in some languages it then starts in lower case.

# $about: the message …-subject of the email.
email-subject = { $site }: { $about }
# To people who may be strangers.
email-greeting = Hello,
email-greeting-by-name = Hello { $name },
email-footer = This is an automated message; replies are not read.
email-footer-support = This is an automated message. If you need help, write to { $email }.
# Below a button, above its link.
email-button-fallback = If the button does not work, copy this address into your browser:
email-time = When: { $time }
email-ip-address = IP address: { $address }
email-device = Device: { $device }
email-link-lifetime = The link works once and expires in { $lifetime }.
email-ignore = If this wasn’t you, you can ignore this email.
email-ask-why = If you don’t know why, contact the administrator of { $site }.

# Above the button that leads to the page “This wasn’t me”.
email-not-me = If this wasn’t you, secure your account now. This signs your account out everywhere, disables the password if there is one, and emails you a reset link:
email-not-me-button = Secure my account
email-not-me-lifetime = This link is valid for { $lifetime }. It does not sign anyone in.

## Signing up

email-verify-subject = confirm your email address
email-verify = Thanks for signing up at { $site }. Confirm that { $strong-start }{ $email }{ $strong-end } is your address by opening this link:
# Also for a new address of an account.
email-confirm-button = Confirm email address
email-verify-not-me = If you didn’t sign up, ignore this email: without the link, the account cannot be used. To delete it now, open the link and choose “{ verify-decline-title }”.

# The same for an account that has never confirmed its address, such as one that was created while no confirmation was required.
email-verify-account = Your account at { $site } uses the address { $strong-start }{ $email }{ $strong-end }. To confirm it, open this link:
email-verify-account-not-me = If you don’t have an account at { $site }, ignore this email. Without the link, the address is not confirmed.

email-already-registered-subject = you already have an account
email-already-registered = Someone, probably you, tried to sign up at { $site } with the address { $strong-start }{ $email }{ $strong-end }. It already has an account, so nothing was changed. If you forgot your password, you can reset it here:
# Leads to the page that sends reset links.
email-forgot-button = Reset password

email-welcome-subject = your account is ready
email-welcome = Your address { $strong-start }{ $email }{ $strong-end } is confirmed and your account at { $site } is ready. You can sign in here:
email-welcome-not-me = If you didn’t sign up, reset the password on the sign-in page. That signs the other person out, and you can then delete the account.

email-invitation-subject = you have been invited
email-invitation = You have been invited to create an account at { $site }. To sign up with your address { $strong-start }{ $email }{ $strong-end }, open this link:
# $name: the administrator who invites
email-invitation-by = { $name } invites you to create an account at { $site }. To sign up with your address { $strong-start }{ $email }{ $strong-end }, open this link:
email-invitation-button = Create account
email-invitation-lifetime = The link works for one person and expires in { $lifetime }.
email-invitation-unexpected = If you don’t know what this is about, ignore this email. No account has been created, and we won’t write again.

email-invitation-lost-subject = your invitation no longer works
email-invitation-lost = You signed up at { $site } with an invitation and the address { $strong-start }{ $email }{ $strong-end }. The invitation has since been used by someone else or revoked, so your account could not be created.
email-invitation-lost-next = Ask the person who invited you for a new invitation, and sign up with it.
email-invitation-lost-not-me = If you didn’t sign up, you can ignore this email.

# To administrators
email-approval-needed-subject = { $count ->
    [one] { $count } new account needs your approval
   *[other] { $count } new accounts need your approval
}
email-approval-needed = New accounts at { $site } cannot be used until an administrator approves them.
# $more: how many others there are
email-approval-needed-who = Waiting for approval: { $more ->
    [0] { $email }
   *[other] { $email } and { $more } more
}
email-approval-needed-button = Review

email-approved-subject = your account was approved
email-approved = An administrator of { $site } has approved your account { $strong-start }{ $email }{ $strong-end }. You can sign in here:

email-declined-subject = your sign-up was rejected
email-declined = An administrator of { $site } has rejected your sign-up with the address { $strong-start }{ $email }{ $strong-end }. Your details have been deleted.

## Passwords

email-reset-subject = reset your password
email-reset = We received a request to reset the password of { $strong-start }{ $email }{ $strong-end } at { $site }. Open this link to choose a new one:
email-reset-by-administrator = An administrator of { $site } asks you to choose a new password for your account { $strong-start }{ $email }{ $strong-end }. Open this link to choose one:
email-reset-button = Choose a new password
email-reset-not-me = If you didn’t ask for this, ignore this email; your password stays the same.
email-reset-unexpected = If you don’t want to change it, ignore this email. Without the link, nothing changes.

email-code-subject = your confirmation code
email-code = To confirm that it’s you, enter this code for your account { $strong-start }{ $email }{ $strong-end } at { $site }:
email-code-rules = Enter it in the browser where you asked for it. It works once and expires { $lifetime } after you asked for it. Never share it: we will never ask you for it by phone, chat or email.
email-code-not-me = If you did not ask for a code, someone else is signed in to your account.

email-password-changed-subject = your password was changed
email-password-changed = The password of your account { $strong-start }{ $email }{ $strong-end } at { $site } was changed. Other devices have been signed out.

email-password-set-subject = a password was set
email-password-set = Your account { $strong-start }{ $email }{ $strong-end } at { $site } had no password and now has one. All other devices have been signed out.

email-passwords-refused-subject = many wrong passwords for your account
email-passwords-refused = Someone tried more than 50 wrong passwords for your account { $strong-start }{ $email }{ $strong-end } at { $site } within one day, from browsers we don’t recognize. No one was signed in. We have slowed down further attempts. Browsers you have signed in with before are not affected.
email-passwords-refused-address = IP address of the latest attempt: { $address }
email-passwords-refused-next = If you have a strong password that you use only here, there is nothing to do. Otherwise, choose a new one:

# The owner has pressed “This wasn’t me”.
email-secured-subject = reset your password to sign in again
email-secured = You told us that you did not recognize activity in your account { $strong-start }{ $email }{ $strong-end } at { $site }. Everyone has been signed out. The old password, if there was one, no longer works. Choose a new one here:
email-secured-lifetime = The link works once and expires in { $lifetime }. If it has expired, request a new one:
email-secured-next = Once you are signed in, review the sessions and the activity of your account.
email-secured-not-me = If you didn’t tell us this, someone else can read your email. Change the password of your mailbox first.
