## Signing in and out

sign-in-title = Sign in
sign-in = Sign in
sign-out = Sign out
email-or-handle-label = Email or handle
sign-in-remember = Keep me signed in on this device
sign-in-new-here = New here? { $link-start }Create an account{ $link-end }
sign-in-wrong = Wrong email, handle or password. If you have not confirmed your email yet, signing in with the right password sends you a new link.
# $app: the address of an app, for example https://wiki.example.org
sign-in-continue = Sign in to continue to { $app }.
sign-in-to-see = Sign in to see this page.
sign-in-unsaved = You were signed out, so your changes were not saved. Sign in and submit them again.
too-many-sign-ins = Too many sign-in attempts. Try again in { $wait }.
forgot-password = Forgot your password?
