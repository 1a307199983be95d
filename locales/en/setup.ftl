## The box on an administrator’s dashboard, with the steps that complete a new installation

setup-title = Finish setting up
setup-dismiss = Dismiss
setup-public-url = Public address
setup-public-url-text = The address of this site is { $address-start }{ $url }{ $address-end }. To use it from other devices, put it behind a reverse proxy with HTTPS and set { $code-start }PUBLIC_URL{ $code-end } to its https address.
setup-email = Email
setup-email-files-text = Emails are written to files. To send them, set { $code-start }MAIL_TRANSPORT{ $code-end } to { $code-start }smtp{ $code-end } or { $code-start }resend{ $code-end }, then run { $code-start }{ AUTHFLOW() } mail test --to { $email }{ $code-end }.
setup-email-failing-text = Emails can’t be sent at the moment. The { $link-start }health check{ $link-end } says why.
setup-first-app = First app
setup-first-app-text = The gate guards no app yet. Add the address of one to { $code-start }GATE_ORIGINS{ $code-end }. { $code-start }{ AUTHFLOW() } proxy nginx --app URL --upstream ADDR{ $code-end } prints the proxy’s configuration.
setup-second-factor = Two-factor authentication
setup-second-factor-text = A stolen password is enough to sign in to your account. { $link-start }Turn on two-factor authentication{ $link-end }.
setup-backup = Backup
# $page: the page of the documentation
setup-backup-text = authflow knows of no recent backup. To make backups, see { $code-start }{ $page }{ $code-end }. If you use another tool for backups, dismiss this step.
