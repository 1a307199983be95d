## The events of an account’s activity and of the audit log. Both the account’s owner and administrators read them.

# In a list, the bold name of an event. $count: refused attempts of one network within a minute are one entry.
event-line = { $count ->
    [1] { $strong-start }{ $event }{ $strong-end }
   *[other] { $strong-start }{ $event }{ $strong-end }, { $count } times within a minute
}
# $detail: for example the new roles of an account, or: 2 sessions
event-line-detail = { event-line }: { $detail }

# …-refused: it did not succeed. …-any: whether or not it succeeded, to filter the audit log.
event-registered = Signed up
event-registered-refused = Sign-up attempted with the email of this account
event-first-administrator-created = Account created for the first administrator
event-email-verified = Email confirmed
event-sign-up-declined = Sign-up declined by the owner of the email
event-signed-in = Signed in
event-signed-in-refused = Failed sign-in
event-signed-in-refused-reasons = Wrong password, or the account is not confirmed, not approved or disabled.
event-password-accepted = Password accepted, waiting for two-factor code
event-password-accepted-refused = Password accepted, but required two-factor authentication is not set up
event-password-accepted-any = Password accepted before two-factor authentication
event-code-checked = Two-factor code added to a session that had none
event-code-checked-refused = Wrong two-factor code
event-code-checked-any = Two-factor code checked
event-signed-out = Signed out
event-password-reset-requested = Reset link requested
event-password-reset-requested-refused = Reset link requested, but not sent
event-password-reset = Password reset
event-first-password-set = First password set with a link
event-password-confirmed = Password confirmed
event-password-confirmed-refused = Wrong password when asked to confirm it
event-confirmation-code-sent = Confirmation code emailed
event-confirmation-code-checked = Confirmed with a code from an email
event-confirmation-code-checked-refused = Wrong code from an email
event-confirmation-code-checked-any = Confirmation code checked
event-password-changed = Password changed
event-password-changed-refused = Password not changed: wrong password
event-password-set = Password set
event-username-changed = Name changed
event-email-change-requested = Email change requested
event-email-change-withdrawn = Email change cancelled
event-email-changed = Email changed
event-second-factor-enabled = Two-factor authentication turned on
event-authenticator-replaced = Authenticator app replaced
event-second-factor-disabled = Two-factor authentication turned off
event-recovery-codes-renewed = New recovery codes generated
event-recovery-codes-removed = Recovery codes removed
event-recovery-code-used = Recovery code used
event-session-ended = Ended another session
event-other-sessions-ended = Ended all other sessions
event-sessions-made-room = Least recently used sessions ended: too many sessions
event-account-secured = “This wasn’t me”: signed out everywhere, any password disabled
event-data-exported = Data downloaded
event-account-deleted = Account deleted by its owner
event-account-deleted-refused = Account not deleted: wrong password
event-user-created = Account created by an administrator
event-user-imported = Account imported from another system
event-user-disabled = Account disabled
event-user-enabled = Account enabled
# An event that this version does not know, by its name in exports.
event-unknown = Unknown event: { $name }
event-roles-changed = Roles changed
event-handle-changed = Handle changed by an administrator
event-sessions-ended = Signed out everywhere by an administrator
event-reset-link-sent = Reset link created by an administrator
event-confirmation-resent = Confirmation email sent again
event-email-verified-by-administrator = Email confirmed by an administrator
event-second-factor-removed = Two-factor authentication turned off by an administrator
event-user-deleted = Account deleted by an administrator
event-users-imported = Accounts imported
event-users-exported = Accounts exported
event-audit-exported = Audit log exported
event-emails-retried = Failed emails retried by an administrator
event-backup-made = Backup created
event-invitation-created = Invitation created
event-invitation-revoked = Invitation revoked
event-invitation-used = Signed up with an invitation
event-approval-requested = Sign-up waiting for approval
event-sign-up-accepted = Sign-up approved by an administrator
event-sign-up-refused = Sign-up rejected by an administrator
event-key-rotated = Signing key rotated
event-key-revoked = Signing key revoked
event-refresh-token-reused = Copied session detected and ended
