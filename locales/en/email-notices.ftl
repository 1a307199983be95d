## Changes of the email address

email-confirm-new-subject = confirm your new email address
email-confirm-new = Someone, probably you, wants to use { $strong-start }{ $email }{ $strong-end } for their account at { $site }. To confirm this address, open this link in a browser where you are signed in:
email-confirm-new-not-me = If this wasn’t you, ignore this email: without the link, the address is not used.

email-taken-subject = this email address is already in use
email-taken = Someone, probably you, wants to use { $strong-start }{ $email }{ $strong-end } for another account at { $site }. This address already has an account, so nothing was changed. If both accounts are yours, delete one first. You can sign in here:

# To the current address. $new: the address that was asked for
email-change-requested-subject = email change requested
email-change-requested = Someone, probably you, asked to change the email address of your account at { $site } from { $strong-start }{ $email }{ $strong-end } to { $strong-start }{ $new }{ $strong-end }. The change takes effect once the new address is confirmed.
email-change-requested-undo = Securing your account also cancels the change, or undoes it if it has already been made.

# To the old address
email-changed-subject = your email address was changed
email-changed = The email address of your account at { $site } was changed from { $strong-start }{ $email }{ $strong-end } to { $strong-start }{ $new }{ $strong-end }. From now on, you sign in with the new address and receive our emails there. All other devices have been signed out.
email-changed-undo = Securing your account also moves it back to this address.

# To an address that an account has left
email-reserved-subject = someone wants to use your former email address
email-reserved = Someone, probably you, wants to use the address { $strong-start }{ $email }{ $strong-end } at { $site }. It recently belonged to an account that moved to a different address, so it is reserved for a week.
email-reserved-was-me = If you moved the account yourself, there is nothing to do.
email-reserved-not-me = If you did not move it, secure your account now. This moves the account back to this address, signs your account out everywhere, disables the password if there is one, and emails you a reset link:
email-reserved-lifetime = This link is valid for { $lifetime } after the account was moved. It does not sign anyone in.

# To the address that the account was moved to. $former: the address that it is back at
email-restored-subject = your account was restored to its previous email address
email-restored = Your account at { $site } had moved from { $strong-start }{ $former }{ $strong-end } to { $strong-start }{ $email }{ $strong-end }. Someone who reads the email of the previous address told us that they did not make this change. The account is back at the previous address, and everyone has been signed out. The password, if there was one, no longer works.
email-restored-not-them = If the account is in fact yours, someone else reads the email of its previous address. Contact the administrator of { $site }.

## Two-factor authentication

email-two-factor-on-subject = two-factor authentication is on
email-two-factor-on = Your account { $strong-start }{ $email }{ $strong-end } at { $site } now asks for a code from your authenticator app when you sign in. Keep your recovery codes safe: if you lose the app and the codes, you are locked out. All other devices have been signed out.
email-two-factor-on-undo = Securing your account also turns two-factor authentication off again, unless you are an administrator.

email-app-replaced-subject = your authenticator app was replaced
email-app-replaced = The authenticator app of your account { $strong-start }{ $email }{ $strong-end } at { $site } was replaced, with a code from the previous app or a recovery code. The previous app and its recovery codes no longer work. Keep the new recovery codes safe. All other devices have been signed out.
email-app-replaced-undo = The page behind the link tells you what happens to two-factor authentication. If it stays on, you need a code to choose a new password. If you have no code that works, ask an administrator to turn off two-factor authentication.

email-two-factor-off-subject = two-factor authentication is off
email-two-factor-off = Your account { $strong-start }{ $email }{ $strong-end } at { $site } no longer asks for a code when you sign in; the password alone is enough. All other devices have been signed out.

email-two-factor-removed-subject = two-factor authentication was turned off by an administrator
email-two-factor-removed = An administrator of { $site } has turned off two-factor authentication for your account { $strong-start }{ $email }{ $strong-end }. The password alone is now enough to sign in. Everyone has been signed out, and your recovery codes no longer work.
email-two-factor-removed-reason = Reason: { $reason }
email-two-factor-removed-next = If you asked for this, sign in and turn two-factor authentication on again with your new device.
email-two-factor-removed-not-me = If you did not ask for this, secure your account now. This signs your account out everywhere, disables the password if there is one, and emails you a reset link:

email-recovery-codes-subject = new recovery codes created
email-recovery-codes = New recovery codes were created for your account { $strong-start }{ $email }{ $strong-end } at { $site }. The previous codes no longer work. All other devices have been signed out.

email-recovery-code-used-subject = a recovery code was used
# $left: how many codes are left
email-recovery-code-used = A recovery code of your account { $strong-start }{ $email }{ $strong-end } at { $site } was used. { $left ->
    [0] You have no codes left.
    [one] You have { $left } code left.
   *[other] You have { $left } codes left.
}
email-recovery-code-used-next = Someone else may know your recovery codes then. Create new ones as soon as you have signed in again.

email-codes-refused-subject = wrong two-factor codes for your account
email-codes-refused = Someone entered several wrong two-factor codes for your account { $strong-start }{ $email }{ $strong-end } at { $site }, from a browser we don’t recognize. No one was signed in. We ask for a code only after your password, or after a link that we emailed you. If this wasn’t you, someone knows your password or reads your email.

## Sessions and the end of an account

email-new-sign-in-subject = new sign-in to your account
email-new-sign-in = Someone, probably you, signed in to your account { $strong-start }{ $email }{ $strong-end } at { $site } from a browser or app we don’t recognize.

email-session-copied-subject = we ended a copied session
email-session-copied = An old copy of the cookie or token that keeps you signed in to your account { $strong-start }{ $email }{ $strong-end } at { $site } was used. That should never happen, so we ended the session everywhere. A restored backup of your device can be the cause. If you haven’t restored one, someone may have had access to your device.
email-session-copied-not-me = If you can’t explain this, secure your account now. This signs your account out everywhere, disables the password if there is one, and emails you a reset link:

email-deleted-subject = your account was deleted
email-deleted = The account { $strong-start }{ $email }{ $strong-end } at { $site } was deleted, with everything that belonged to it. This cannot be undone.
email-deleted-not-me = If this wasn’t you, someone had access to your account. If you use its password elsewhere, change it there. Contact the administrator of { $site }.
email-deleted-by-administrator = An administrator of { $site } has deleted your account { $strong-start }{ $email }{ $strong-end }, with everything that belonged to it. This cannot be undone.

## The test email of the command line

email-test-subject = test email
email-test = This is the test email that { $site } was asked to send on { $time }. Nothing has happened to any account, and there is nothing to do.
email-test-unexpected = If you didn’t expect this, the administrator of { $site } mistyped an address.
