## Choosing a password

new-password-label = New password
repeat-password-label = Repeat password
repeat-new-password-label = Repeat new password
# $min: a number of characters
new-password-hint = At least { $min } characters. A few unusual words make a strong password that is easy to remember.
# Before the hint, if another field was refused: passwords are never sent back.
password-enter-again = Please enter it again.
password-was-strong = It was hard to guess.
password-was-very-strong = It was very hard to guess.
new-password-submit = Set password
password-missing = Enter a password.
# Two fields of one form: the other one is for the new password.
password-current-missing = Enter your current password.
password-too-long = This password is too long (at most { $most } characters).
password-too-short = Use at least { $min } characters.
password-lost = This password was disabled because someone else may know it. Choose a different one.
password-same = This is your current password. Choose a different one.
# After a new password was set.
password-strong = The new password is hard to guess.
password-very-strong = The new password is very hard to guess.

## A password that is too easy to guess: what is wrong with it, and what helps

password-weak = This password is too easy to guess.
password-weak-keyboard-row = Rows of keys are easy to guess.
password-weak-keyboard-pattern = Short keyboard patterns are easy to guess.
password-weak-repeat = Repeats such as “aaa” are easy to guess.
password-weak-repeated-group = Repeats such as “abcabcabc” are hardly better than “abc”.
password-weak-top-10 = It is one of the ten most common passwords.
password-weak-top-100 = It is one of the hundred most common passwords.
password-weak-common = It is a very common password.
password-weak-similar = It is similar to a common password.
password-weak-sequence = Sequences such as “abc” or “6543” are easy to guess.
password-weak-year = Recent years are easy to guess.
password-weak-word = A single word is easy to guess.
password-weak-date = Dates are easy to guess.
password-weak-name = A name alone is easy to guess.
password-weak-common-name = Common names are easy to guess.
password-advice-words = Use a few words that are not a common phrase.
password-advice-no-symbols = It needs no symbols, digits or capital letters.
password-advice-more-words = Add another unusual word or two.
password-advice-capitals = Capital letters don’t help much.
password-advice-all-capitals = All capitals are almost as easy to guess as all lowercase.
password-advice-reversed = Words spelled backwards are hardly better.
password-advice-substitutions = Replacements such as “@” for “a” don’t help much.
password-advice-longer-pattern = Use a longer keyboard pattern with more turns.
password-advice-repeats = Avoid repeated words and characters.
password-advice-sequences = Avoid sequences.
password-advice-years = Avoid recent years.
password-advice-own-years = Avoid years that have to do with you.
password-advice-own-dates = Avoid dates and years that have to do with you.

## Requesting a reset link: /auth/forgot-password. Its title is forgot-password.

forgot-password-intro = Enter your email address. We will email you a link to reset your password.
forgot-password-send = Send reset link

## The page behind a reset link: /auth/reset-password/…

reset-password-title = Reset your password
reset-password-intro = Choose a new password for { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }. This signs you out everywhere.
reset-password-done = Your password has been reset, and you are signed out everywhere. Sign in with the new password.
# For an account that has no password yet.
first-password-title = Choose a password
first-password-intro = For your account { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
first-password-done = Your password is set. Sign in with it.
reset-link-gone = Reset links work once and expire quickly. This one was used, has expired, or was replaced by a newer one.
