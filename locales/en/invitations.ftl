## The list of invitations

invitations-title = Invitations
invitations-invite = Invite someone
# In the place of the address that an invitation is for.
invitations-anyone = Anyone with the link
invitations-maker = Created by
invitations-maker-gone = Deleted account
invitations-empty = No invitations yet. Each invitation lets one person sign up.

## The status of an invitation: a tag

invitation-open = Open
invitation-used = Used
invitation-revoked = Revoked
invitation-expired = Expired

## Why an invitation was revoked automatically

invitation-revoked-demoted = Revoked because the person who created it is no longer an administrator.
invitation-revoked-disabled = Revoked because the account of the person who created it was disabled.
invitation-revoked-deleted = Revoked because the account of the person who created it was deleted.
invitation-revoked-not-me = Revoked because the person who created it reported that someone else had used their account.
invitation-revoked-may-not = Revoked because the person who created it can no longer invite anyone.

## The page of one invitation

invitation-title = Invitation
invitation-for = For
invitation-status = Status
invitation-used-by = View the account
invitation-created = Created
invitation-created-by = { $time } by { $link-start }{ $name }{ $link-end }
invitation-expires = Valid until
invitation-language = Language
invitation-link = Invitation link
invitation-link-hint = It works for one person. Share it as carefully as a password. One click selects it.
invitation-revoke = Revoke invitation
invitation-revoke-done = Invitation revoked. Its link no longer works.
invitation-emailed = Invitation created. We are emailing its link.
invitation-not-emailed = Invitation created. It was not emailed: copy the link and share it.

## Creating an invitation

invite-title = Invite someone
invite-closed = { $code-start }REGISTRATION{ $code-end } is { $code-start }closed{ $code-end }, so no one can sign up, not even by invitation.
invite-email-hint = Only this address can then use the invitation. Without one, anyone with the link can.
invite-email-missing = Enter the address to email the link to, or choose to share the link yourself.
# Above the next two.
invite-way = How the link is sent
invite-by-mail = By email to this address
invite-by-hand = I share it myself (the next page shows it)
invite-roles-hint = Roles for the new account, separated by commas. “admin” makes them an administrator.
invite-language-hint = The invitation email and the sign-up page use this language.
invite-language-missing = Choose a language from the list.
invite-days = Expires after
invite-days-missing = Choose when the invitation expires.
invite-submit = Create invitation
