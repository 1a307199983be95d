## A link from an email that lacks its end

link-incomplete-title = This link is incomplete
link-incomplete = The end of this link is missing. It was probably cut off when it was opened or copied. Go back to where you found it, and copy the whole link into the address bar of your browser.
link-incomplete-verify = If that doesn’t help, sign in with the email and password you chose, and we will send you a new link.
link-incomplete-request = If that doesn’t help, request a new link.
link-incomplete-invitation = If that doesn’t help, ask the person who invited you to send the link again.
link-incomplete-first-administrator = If that doesn’t help, restart authflow: it prints the link again.
# The link of “This wasn’t me”. The account may have no password.
link-incomplete-not-me = If that doesn’t help, request a reset link. Setting a new password signs you out everywhere.
request-new-link = Request a new link
