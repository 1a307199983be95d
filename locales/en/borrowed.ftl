## Messages of other files, until those are merged: delete this file then.

name-label = Name
new-password-label = New password
repeat-new-password-label = Repeat new password
new-password-hint = At least { $min } characters. A few unusual words make a strong password that is easy to remember.
reset-password-title = Reset your password
code-label = Code
code-hint = The code from your authenticator app, or a recovery code.
signed-out = You are signed out.
back-to-sign-in = Back to sign-in
back-to-dashboard = Back to dashboard
request-new-link = Request a new link
