## The health check: its page. ‘authflow doctor’ prints the same findings in English.

health-title = Health check
health-intro = Checks your installation and suggests fixes. { $code-start }{ AUTHFLOW() } doctor{ $code-end } does the same on the command line, and also contacts the mail server and the guarded apps.
# What all checks come to.
health-verdict-good = The health check found no problems.
health-verdict-warnings = The health check found { $count ->
    [one] { $count } warning
   *[other] { $count } warnings
}.
health-verdict-problems = The health check found { $count ->
    [one] { $count } problem
   *[other] { $count } problems
}.
health-verdict-both = The health check found { $problems ->
    [one] { $problems } problem
   *[other] { $problems } problems
} and { $warnings ->
    [one] { $warnings } warning
   *[other] { $warnings } warnings
}.
# The checks that found something.
health-open = What to look at
health-passed = { $count ->
    [one] { $count } check passed
   *[other] { $count } checks passed
}
# Tags behind the part that was checked.
health-good = Good
health-note = Warning
health-problem = Problem
# A suggestion follows.
health-fix = Fix:
# $page is a file, such as docs/email.md.
health-help = More in the documentation: { $code-start }{ $page }{ $code-end }
health-request = This request
health-request-hint = It came from { $peer }. Proxies set these headers:

## The checked parts

health-part-database = Database
health-part-emails = Emails
health-part-clock = Clock
health-part-signing-key = Signing key
health-part-administrators = Administrators
health-part-gate = Gate
health-part-scheme = HTTPS
health-part-host = Host name
health-part-client-address = Client IP address
health-part-cookies = Cookies

## Database

health-database = The data is stored in { $code-start }{ $file }{ $code-end }.
# $server: host and port, or the path of a socket
health-database-postgres = The data is stored in the PostgreSQL database { $code-start }{ $database }{ $code-end } at { $code-start }{ $server }{ $code-end }.
health-database-network = The data is stored in { $code-start }{ $file }{ $code-end }, on a network file system ({ $kind }), where SQLite cannot rely on locks.
health-database-network-fix = Move { $code-start }DATA_DIR{ $code-end } to a local disk, or the data to PostgreSQL with { $code-start }{ AUTHFLOW() } db copy{ $code-end }.

## Emails

health-emails = No emails have failed or are delayed.
# $error: what the mail server or the network said, in English
health-emails-failed = { $count ->
    [one] { $count } email could not be sent.
   *[other] { $count } emails could not be sent.
} Latest error: { $error }
health-emails-failed-many = { $count } or more emails could not be sent. Latest error: { $error }
health-emails-failed-fix = Fix the cause, then run { $code-start }{ AUTHFLOW() } mail retry --all{ $code-end }.
health-emails-delayed = { $count ->
    [one] { $count } email is waiting and could not be sent yet.
   *[other] { $count } emails are waiting and could not be sent yet.
} Latest error: { $error }
# The same if there are too many to count. $many: 10,000
health-emails-delayed-many = More than { $many } emails are waiting and could not be sent yet. Latest error: { $error }
health-emails-unreachable = The mail server could not be used when authflow started, and no email has been sent since.
health-emails-delayed-fix = Run { $code-start }{ AUTHFLOW() } mail test --to ADDRESS{ $code-end } to see the mail server’s reply.
# In the place of $error.
health-error-unknown = unknown
health-emails-held = { $count ->
    [one] { $count } email triggered by a visitor is waiting for its turn, since { $since }.
   *[other] { $count } emails triggered by visitors are waiting for their turn, the oldest since { $since }.
} The limit is { $code-start }EMAILS_PER_MINUTE={ $limit }{ $code-end }. Reset links and notices of changes to an account are not delayed.
# The same if there are too many to count. $many: 10,000
health-emails-held-many = More than { $many } emails triggered by visitors are waiting for their turn, the oldest since { $since }. The limit is { $code-start }EMAILS_PER_MINUTE={ $limit }{ $code-end }. Reset links and notices of changes to an account are not delayed.
health-emails-held-fix = Check the audit log for where they come from. { $code-start }REGISTRATION=invite{ $code-end } or { $code-start }approval{ $code-end } stops sign-ups by strangers. If these visitors are welcome, raise { $code-start }EMAILS_PER_MINUTE{ $code-end }.

## Clock

health-clock = The server’s clock says { $now }.
# $ahead: a rough duration
health-clock-set-back = The server’s clock says { $now }, but the audit log has an entry from { $ahead } later.
health-clock-fix = Set the server’s clock and keep it in sync ({ $code-start }timedatectl set-ntp true{ $code-end }).

## Signing keys. $kid: the name of the key; $created: a relative time

health-key-published = { $kid } ({ $algorithm }) is published and will sign from { $from }. It was created { $created }.
health-key-signs = { $kid } ({ $algorithm }) signs tokens. It was created { $created }.
health-key-verifies = { $kid } ({ $algorithm }) no longer signs, but is still accepted until { $until }. It was created { $created }.
health-key-old-fix = Create a new key from time to time: { $code-start }{ AUTHFLOW() } keys rotate{ $code-end }.

## Administrators without two-factor authentication

health-administrators-blocked = { $count ->
    [one] { $count } administrator has not set up two-factor authentication, which { $code-start }SECOND_FACTOR{ $code-end } requires. This account cannot open the administration pages until then.
   *[other] { $count } administrators have not set up two-factor authentication, which { $code-start }SECOND_FACTOR{ $code-end } requires. These accounts cannot open the administration pages until then.
}
health-administrators-blocked-fix = No action is needed: the next sign-in asks for it.
health-administrators-password-only = { $count ->
    [one] { $count } administrator has not set up two-factor authentication, so a password alone is enough to open the administration pages.
   *[other] { $count } administrators have not set up two-factor authentication, so a password alone is enough to open the administration pages.
}
health-administrators-password-only-fix = Set { $code-start }SECOND_FACTOR=admins{ $code-end }.

## Gate

health-gate = The gate guards { $apps }.
health-gate-nothing = No apps are guarded: { $code-start }GATE_ORIGINS{ $code-end } is empty.
health-gate-open = Anyone who signs up can open every guarded app whose rule requires no role.
health-gate-open-fix = Set { $code-start }REGISTRATION=closed{ $code-end }, or require a role in the proxy’s rule ({ $code-start }{ AUTHFLOW() } proxy … --role NAME{ $code-end }).
health-gate-unconfirmed = Users can open guarded apps before they confirm their email address. { $code-start }Remote-Email{ $code-end } is empty until then.
health-gate-unconfirmed-fix = Set { $code-start }EMAIL_VERIFICATION=required{ $code-end }.

## HTTPS

health-https = Browsers use HTTPS.
health-http = Browsers use HTTP, as { $code-start }PUBLIC_URL{ $code-end } says.
health-https-unexpected = The proxy says that browsers use HTTPS, but { $code-start }PUBLIC_URL{ $code-end } begins with http, so cookies are not Secure.
# $url: the address with https
health-https-unexpected-fix = Set { $code-start }PUBLIC_URL={ $url }{ $code-end }.
health-http-unexpected = { $code-start }PUBLIC_URL{ $code-end } begins with https, but this request reached the proxy over HTTP, where browsers keep no Secure cookies.
health-http-unexpected-fix = Redirect HTTP to HTTPS in the proxy. If it already does, another proxy in front of it ends TLS, and { $code-start }X-Forwarded-Proto{ $code-end } is lost on the way.
health-scheme-unknown = The proxy sends “{ $value }” in { $code-start }X-Forwarded-Proto{ $code-end }.
health-scheme-unknown-fix = Make the proxy set this header to http or https itself.
health-scheme-missing = The proxy does not say whether browsers use HTTPS: there is no { $code-start }X-Forwarded-Proto{ $code-end } header that authflow accepts.
health-scheme-missing-fix = Use the configuration that { $code-start }{ AUTHFLOW() } proxy{ $code-end } prints.

## Host name

health-host = The request was for { $host }, as { $code-start }PUBLIC_URL{ $code-end } says.
health-host-differs = The request was for { $host }, but { $code-start }PUBLIC_URL{ $code-end } is { $url }. All links lead there.
health-host-differs-fix = Open the site at its public address. If you did, make the proxy pass on the { $code-start }Host{ $code-end } header.

## Client IP address. $address: the address that counts as the client’s

health-address = The client’s address is { $address }.
# $forwarded: the value of the header; $peer: where the request came from
health-address-untrusted = The client’s address counts as { $address }, which is the proxy: it sends “{ $forwarded }” in { $code-start }X-Forwarded-For{ $code-end }, but { $peer } is not in { $code-start }TRUSTED_PROXIES{ $code-end }.
health-address-untrusted-fix = If { $peer } is your proxy, add it to { $code-start }TRUSTED_PROXIES{ $code-end }. Otherwise all visitors share its rate limits.
health-address-missing = The client’s address counts as { $address }, which is the proxy: it does not send { $code-start }X-Forwarded-For{ $code-end }.
health-address-missing-fix = Make the proxy set the header; { $code-start }{ AUTHFLOW() } proxy{ $code-end } prints how. Otherwise all visitors share its rate limits.
health-address-no-client = The client’s address counts as { $address }, which is the proxy: { $code-start }X-Forwarded-For{ $code-end } names no client that counts.
health-address-no-client-fix = Remove the addresses of clients from { $code-start }TRUSTED_PROXIES{ $code-end }, and make the proxy set { $code-start }X-Forwarded-For{ $code-end } itself.
# $hops: the number in TRUSTED_PROXIES=hops:N; $entries: how many addresses the header has
health-hops = The client’s address is { $address }, entry { $hops } from the right of { $entries } in { $code-start }X-Forwarded-For{ $code-end }.
health-hops-no-address = The client’s address counts as { $address }, which is a proxy: entry { $hops } from the right in { $code-start }X-Forwarded-For{ $code-end } is not an address.
health-hops-no-address-fix = Make the proxy add the address of its peer.
health-hops-missing = The client’s address counts as { $address }, which is a proxy: { $code-start }TRUSTED_PROXIES=hops:{ $hops }{ $code-end }, but { $code-start }X-Forwarded-For{ $code-end } has { $entries ->
    [one] { $entries } entry
   *[other] { $entries } entries
}.
health-hops-missing-fix = Set the number of proxies in front of authflow that add to { $code-start }X-Forwarded-For{ $code-end }.

## Cookies

health-cookies-secure = The browser sent back { $cookies }. The cookies are Secure.
health-cookies-plain = The browser sent back { $cookies }. The cookies are not Secure, because the site does not use HTTPS.

## The headers of the request, and how authflow uses each

health-header-forwarded = Ignored: authflow reads only { $code-start }X-Forwarded-For{ $code-end }.
health-header-forwarded-host = Ignored: links are built from { $code-start }PUBLIC_URL{ $code-end }. Only the gate reads it.
health-header-forwarded-port = Ignored: links are built from { $code-start }PUBLIC_URL{ $code-end }.
health-header-forwarded-prefix = Ignored: the path is the one in { $code-start }PUBLIC_URL{ $code-end }.
health-header-forwarded-uri = Ignored here. Only the gate reads it.
health-header-remote-user = Ignored: no one can sign in to authflow with a header.
health-header-untrusted = Ignored: { $peer } is not in { $code-start }TRUSTED_PROXIES{ $code-end }.
health-header-networks = Read from the right, as far as its addresses are in { $code-start }TRUSTED_PROXIES{ $code-end }.
health-header-hops = Entry { $hops } from the right counts.
health-header-forwarded-proto = Compared with { $code-start }PUBLIC_URL{ $code-end }, and used for nothing else.
health-header-host = Compared with { $code-start }PUBLIC_URL{ $code-end }. Links are built from { $code-start }PUBLIC_URL{ $code-end }.
