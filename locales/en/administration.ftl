## Administration: what several pages share

# The name of the navigation, for screen readers.
admin-nav = Administration
admin-all = All
admin-apply-filters = Apply filters
admin-clear-filters = Clear filters

## The list of users

users-title = Users
users-count = { $count ->
    [one] { $count } user
   *[other] { $count } users
}
# The same if there are too many to count. $count: 10,000
users-count-many = More than { $count } users
users-waiting = { $count ->
    [one] { $count } account is awaiting approval.
   *[other] { $count } accounts are awaiting approval.
} { $link-start }Review{ $link-end }
users-search = Name, handle or email
users-status = Status
users-status-active = Active
users-status-waiting = Awaiting approval
users-status-unverified = Email not confirmed
users-status-disabled = Disabled
users-role = Role
users-two-factor = Two-factor authentication
users-on = On
users-off = Off
users-sort = Sort by
users-sort-newest = Newest first
users-sort-name = Name
users-sort-email = Email
users-sort-last-sign-in = Last sign-in
# A tag beside the state of a user, or behind the name of a session, with two-factor authentication.
users-two-factor-tag = Two-factor
users-empty = No users match these filters.
users-deleted = Account deleted.
users-rejected = Sign-up rejected. We are emailing the person who signed up.

## The page of one user

user-account = Account
user-email-confirmed = Confirmed
user-email-not-confirmed = Not confirmed
user-handle = Handle
user-no-handle = None until the account is confirmed and approved
# After a tag such as ‘Disabled’ or ‘On’.
user-since = since { $time }
user-roles = Roles
user-no-roles = None
# After the tag ‘On’. $count: unused recovery codes
user-two-factor-since = since { $time }, { $count ->
    [one] { $count } recovery code left
   *[other] { $count } recovery codes left
}
user-two-factor-required = Required by { $code-start }SECOND_FACTOR{ $code-end }.
user-two-factor-required-missing = Required by { $code-start }SECOND_FACTOR{ $code-end }. Until it is set up, this user can only set it up or sign out.
user-joined = Signed up
user-last-sign-in = Last sign-in
user-never = Never
user-id = ID
user-confirm-first = { $link-start }Confirm that it’s you{ $link-end } to make changes.
user-approval = Approval
user-approval-hint = This account cannot be used until you approve it.
user-approve = Approve account
user-reject = Reject…
# The label of the field, below the heading “Roles”.
user-roles-label = Role names
user-roles-hint = Separate roles with commas. “admin” grants access to these pages; guarded apps receive all roles.
user-roles-save = Save roles
user-handle-hint = 2 to 32 characters: letters from a to z, digits, dots, underscores and hyphens. Apps may treat a new handle as a different user. The old handle is never given to another account.
user-handle-save = Change handle
user-own = This is your own account. Change the rest in { $link-start }your profile{ $link-end }.
user-recovery = Account recovery
user-send-reset = Send password reset email
user-resend-confirmation = Send confirmation email again
user-confirm-email = Mark email as confirmed
user-confirm-email-hint = Only mark the email as confirmed if you know that { $address-start }{ $email }{ $address-end } belongs to this person: apps rely on it.
user-confirm-sign-up-hint = This completes the sign-up. The person who signed up can then sign in with the password they chose. If you’re not sure it was them, delete the sign-up and create the account with { $code-start }{ AUTHFLOW() } user create{ $code-end }.
user-remove-two-factor = Turn off two-factor authentication…
user-enable-hint = No one can sign in to this account.
user-enable = Enable account
# The actions below it take something away.
user-peril = Danger zone
user-end-sessions-hint = This signs the user out everywhere. They can sign in again.
user-end-sessions = End all sessions
user-disable-hint = This signs the user out everywhere, and no one can sign in to the account until you enable it again.
user-disable = Disable account
user-delete-hint = This deletes the account with all its data. It cannot be undone.
user-delete = Delete account…
# A link from a page about an action to the page of the user.
user-back = Back to the user
user-sessions = Sessions
user-sessions-empty = This user is not signed in anywhere.
user-emails = Emails
user-emails-empty = No emails yet.
user-activity = Recent activity
user-activity-empty = No activity yet.
user-audit-log = Full audit log for this user

## The page of a user who does not exist

user-gone-title = User not found
user-gone = This account does not exist, or it was deleted. The audit log keeps its entries.
user-gone-back = All users

## The page of one user: what has been done

user-roles-saved = Roles saved. They take effect with the user’s next request.
user-handle-changed = Handle changed. Apps see it with the user’s next request.
user-approved = Account approved. We are emailing its owner.
user-disabled = Account disabled. It is signed out everywhere.
user-enabled = Account enabled.
user-sessions-ended = All sessions of this account have ended.
user-reset-sent = We are sending the password reset email.
user-confirmation-sent = We are sending the confirmation email again.
user-email-now-confirmed = Email address confirmed.
user-email-confirmed-waiting = Email address confirmed. The account is now awaiting approval.
user-two-factor-removed = Two-factor authentication is off for this account. We are emailing the reason to the user.

## Deleting an account, and rejecting a sign-up

user-delete-title = Delete the account of { $name }?
user-delete-text = This permanently deletes the account { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } with all its data and signs it out everywhere. Entries in the audit log are kept.
user-delete-email = We email its owner that an administrator deleted it.
user-delete-disable = To block someone temporarily, disable the account instead.
# Instead of the form, for the administrator’s own account.
user-delete-own = This is your own account, so you cannot delete it here. Delete it on { $link-start }your account pages{ $link-end }, or ask another administrator.
user-delete-submit = Delete account
user-reject-title = Reject the sign-up of { $name }?
user-reject-text = This permanently deletes the sign-up of { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }. We email them that it was rejected; they can sign up again. Entries in the audit log are kept.
user-reject-submit = Reject sign-up

## Turning off two-factor authentication for a user

user-remove-two-factor-title = Turn off two-factor authentication for { $name }?
user-remove-two-factor-text = Use this if { $name } ({ $address-start }{ $email }{ $address-end }) has lost their app and recovery codes. Afterwards the password alone is enough, and they are signed out everywhere. Verify in person or by phone that the request is genuine.
# Instead of the form, for the administrator’s own account.
user-remove-two-factor-own = This is your own account. Turn off or move two-factor authentication on { $link-start }your account pages{ $link-end }.
user-reason = Reason
user-reason-hint = We email it to the user, and the audit log keeps it.
user-reason-missing = Enter a reason; it is emailed to the user.
user-reason-too-long = The reason is too long (at most { $max } characters).
user-reason-character = The reason contains a character that cannot be shown. Remove it or retype the reason.
user-remove-two-factor-submit = Turn off

## Why an action of an administrator was refused

refused-own-account = You cannot do this to your own account here. Use your profile, ask another administrator, or use the command line.
refused-own-role = You cannot take the role “admin” from yourself. Ask another administrator, or run { $code-start }{ AUTHFLOW() } user roles{ $code-end } on the server.
refused-last-administrator = This is the last administrator. Make someone else an administrator first.
refused-cannot-activate = This sign-up was never confirmed, and { $code-start }REGISTRATION{ $code-end } no longer allows it. Create the account with { $code-start }{ AUTHFLOW() } user create{ $code-end } instead.
refused-invitation-lost = The invitation of this sign-up was used, revoked or has expired. Invite this person again.
refused-disabled = This account is disabled. Enable it first.
refused-already-disabled = This account is already disabled.
refused-already-enabled = This account is already enabled.
refused-not-waiting = This account is not awaiting approval. Another administrator may have decided already.
refused-no-handle = This account has no handle yet. It gets one once it is confirmed and approved.
refused-already-confirmed = This email address is already confirmed.
refused-changed = This account has changed in the meantime. Check it, then try again.
refused-two-factor-off = Two-factor authentication is already off for this account.
refused-address-taken = There is already an account with this email address.
refused-address-reserved = This address recently belonged to an account that moved to a different address, so it is reserved for a week. Try again later.
refused-registration-closed = { $code-start }REGISTRATION{ $code-end } is { $code-start }closed{ $code-end }, so no one can sign up, not even by invitation. Set it to { $code-start }invite{ $code-end } first.
refused-invitation-over = This invitation was already used or revoked.

## Errors about roles and handles

role-too-long = A role has at most { $max } characters.
role-invalid = “{ $role }” is not a valid role. Use letters from a to z, digits and . _ : / @ + -, and separate roles with commas.
role-like-admin = “{ $role }” looks like the role “admin” but is a different one. Enter “admin” or choose another name.
handle-missing = Enter a handle.
handle-length = A handle has { $min } to { $max } characters.
handle-space = A handle cannot contain spaces. Use letters from a to z, digits, dots, underscores and hyphens.
# $character: one character, or its number such as U+0007 if it cannot be shown
handle-character = A handle cannot contain “{ $character }”. Use letters from a to z, digits, dots, underscores and hyphens.
handle-start = A handle begins with a letter or digit.
handle-taken = Another account has or had this handle. Choose a different one.

## The list of emails

emails-about = About
emails-state = Status
emails-queued = Queued
# Opens the error of an email.
emails-error = Error
emails-retry = Try again
# For screen readers, behind the name of the button “Try again”: which email.
emails-which = { $kind }, to { $recipient }
emails-retry-all = Try all again
emails-failed = { $count ->
    [one] { $count } email could not be sent.
   *[other] { $count } emails could not be sent.
}
emails-failed-many = More than { $many } emails could not be sent.
emails-retried = { $count ->
    [one] We are trying to send this email again, for up to a day.
   *[other] We are trying to send { $count } emails again, for up to a day.
}
emails-none-failed = No email was waiting to be tried again.
emails-empty = No emails have this status.
emails-empty-yet = No emails yet. They appear here as soon as authflow sends one, for example with an invitation.

## What emails are about, in lists for administrators

mail-kind-verify-email = Confirm the address of a sign-up
mail-kind-verify-account-email = Confirm the address of an account
mail-kind-already-registered = Sign-up with an address that has an account
mail-kind-welcome = Account ready
mail-kind-reset-password = Reset link
mail-kind-confirmation-code = Code to confirm the user’s identity
mail-kind-password-changed = Password changed
mail-kind-password-set = Password set
mail-kind-confirm-email = Confirm the new address
mail-kind-email-taken = New address already in use
mail-kind-email-change-requested = Change of address requested
mail-kind-email-changed = Address changed
mail-kind-address-reserved = Attempt to use a former address
mail-kind-called-back = Account restored to its former address
mail-kind-new-sign-in = New sign-in
mail-kind-second-factor-on = Two-factor authentication turned on
mail-kind-authenticator-replaced = Authenticator app replaced
mail-kind-second-factor-off = Two-factor authentication turned off
mail-kind-second-factor-removed = Two-factor authentication turned off by an administrator
mail-kind-recovery-codes-renewed = New recovery codes
mail-kind-recovery-code-used = Recovery code used
mail-kind-codes-refused = Wrong two-factor codes
mail-kind-passwords-refused = Many wrong passwords
mail-kind-session-copied = Copied session ended
mail-kind-account-secured = Reset link after “This wasn’t me”
mail-kind-account-deleted = Account deleted
mail-kind-account-deleted-by-administrator = Account deleted by an administrator
mail-kind-invitation = Invitation
mail-kind-invitation-lost = The invitation of a sign-up no longer works
mail-kind-sign-up-waits = New accounts awaiting approval
mail-kind-sign-up-accepted = Sign-up approved
mail-kind-sign-up-refused = Sign-up rejected
# An email that only a later version of authflow knows.
mail-kind-unknown = Unknown email: { $name }

## The state of an email: a tag

mail-state-waiting = Waiting
mail-state-unknown = Unknown: { $name }
mail-state-sent = Sent
# Instead of ‘Sent’ on a server that writes its emails to files and sends none.
mail-state-written = Saved to a file
mail-state-failed = Failed
mail-state-cancelled = No longer needed
