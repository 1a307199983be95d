## The mailbox of a development server

mailbox-title = Mailbox
mailbox-hint = Emails that this server wrote to files instead of sending them, newest first. Reload to check for new ones.
mailbox-empty = No emails yet. They appear here as soon as the server writes one, for example after a sign-up.
mailbox-subject = Subject
mailbox-no-subject = (no subject)
mailbox-from = From
mailbox-to = To
mailbox-date = Date
mailbox-text = Text
mailbox-no-text = This email has no text part.
mailbox-html = HTML
mailbox-no-html = This email has no HTML part.
# The title of the frame with the HTML part.
mailbox-frame = The email as HTML
mailbox-html-alone = Open the HTML part alone
mailbox-all = All emails
mailbox-gone = This email does not exist, or its file was deleted.
mailbox-open = Open the mailbox
mailbox-open-email = Open the email
mailbox-broken = The file { $code-start }{ $file }{ $code-end } is not an email: it has no sender or no date.
mailbox-unreadable = The file { $code-start }{ $file }{ $code-end } cannot be read: { $error }.
