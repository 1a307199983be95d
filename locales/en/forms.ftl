## Forms

form-problems = { $count ->
    [one] There is a problem
   *[other] There are { $count } problems
}
# Behind the label of a field that may stay empty.
form-optional = (optional)
form-expired = This page had expired, so nothing happened. We kept what you entered, except passwords and codes. Please submit it again. If it keeps happening, allow cookies for this site.
email-label = Email
password-label = Password
password-repeat-missing = Enter the password again.
passwords-differ = The passwords do not match.
password-wrong = This is not your password.
code-missing = Enter the code.
code-wrong = That code is wrong. Enter the newest code from your app.
recovery-code-wrong = That recovery code is wrong or was already used. Check it for typos, or enter another one.
too-many-attempts = Too many attempts. Try again in { $wait }.
too-many-codes = Too many codes tried. Try again in { $wait }.
too-many-codes-sent = Too many codes sent. Try again in { $wait }.
too-many-emails = Too many emails sent. Try again in { $wait }.
too-many-email-changes = Too many email changes. Try again in { $wait }.
too-many-sign-ups = Too many sign-ups from your network. Try again in { $wait }.
confirm = Confirm
cancel = Cancel
go-on = Continue
code-label = Code
code-hint = The code from your authenticator app, or a recovery code.
code-malformed = Enter the 6 digits from your app, or one of your recovery codes.
email-missing = Enter an email address.
email-malformed = Enter an email address in the form name@example.org.
email-too-long = This email address is too long (at most 64 characters before the @, 254 in total).
# $character: such as: a space; a comma “,”. $before: the text before it, as entered
email-character = This email address has { $character } after “{ $before }”. Enter an address in the form name@example.org.
email-character-first = This email address has { $character } at the beginning. Enter an address in the form name@example.org.
email-unsupported = We can’t send email to this address because it has { $character } after “{ $before }”. Use one with plain letters (a to z), digits and characters such as . _ + - before the @.
email-unsupported-first = We can’t send email to this address because it has { $character } at the beginning. Use one with plain letters (a to z), digits and characters such as . _ + - before the @.
email-or-handle-missing = Enter your email or handle.
email-or-handle-malformed = Enter your email in the form name@example.org, or your handle.
name-missing = Enter a name.
name-too-long = This name is too long (at most { $most } characters).
name-unprintable = This name contains { $character }. Remove it or retype the name.

## The names of characters, as the object of a sentence: This address has a space.

character-space = a space
character-no-break-space = a no-break space
character-full-width-space = a full-width space
character-tab = a tab
character-line-break = a line break
character-control = a control character
character-invisible = an invisible character
character-comma = a comma
character-semicolon = a semicolon
character-colon = a colon
character-full-stop = a full stop
character-second-at = a second at sign
character-quotation-mark = a quotation mark
character-bracket = a bracket
character-other = the character
# $name: one of these names. $code: U+00E4
character-unseen = { $name } ({ $code })
character-seen = { $name } “{ $character }”
character-seen-with-code = { $name } “{ $character }” ({ $code })
