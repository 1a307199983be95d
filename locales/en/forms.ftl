## Forms

form-problems = { $count ->
    [one] There is a problem
   *[other] There are { $count } problems
}
form-expired = This page had expired, so nothing was saved. We kept what you entered, except passwords. Please submit it again. If it keeps happening, allow cookies for this site.
email-label = Email
password-label = Password
password-repeat-missing = Enter the password again.
passwords-differ = The passwords do not match.
password-wrong = This is not your password.
code-missing = Enter the code.
code-wrong = That code is wrong. Each code works once and for a short time: enter the newest one from your app. If none works, check the clock of your device.
recovery-code-wrong = This recovery code does not work. Check it for typos. Each code works once, so if you have used this one, take another.
too-many-attempts = Too many attempts. Try again in { $wait }.
too-many-codes = Too many codes tried. Try again in { $wait }.
too-many-codes-sent = Too many codes sent. Try again in { $wait }.
too-many-emails = Too many emails sent. Try again in { $wait }.
too-many-email-changes = Too many email changes. Try again in { $wait }.
too-many-sign-ups = Too many sign-ups from your network. Try again in { $wait }.
