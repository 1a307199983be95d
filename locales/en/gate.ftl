## Pages at guarded apps

# $app and $origin are addresses such as https://wiki.example.org.

gate-unavailable = Sign-in is not responding right now. Try again in a few seconds.
gate-starting = Sign-in has just started and is waiting for its database. Try again in a few seconds.
gate-request-id = If you cannot fix this, give the administrator this request ID: { $code-start }{ $id }{ $code-end }
gate-try-again = Try again

# Signed in, but not allowed.
gate-signed-in-as = You are signed in as { $name } ({ $email }).
# $roles: names of roles, with commas between them
gate-role-missing = { $count ->
    [one] You need the role “{ $roles }” to open { $app }.
   *[other] You need one of these roles to open { $app }: { $roles }.
}
gate-other-account = Sign in with a different account
gate-account = Go to your account
gate-email-title = Confirm your email
gate-email-unconfirmed = { $app } identifies you by your email, but you have not confirmed yours ({ $email }) yet.
gate-email-how = We can send you a link to confirm it. Then open this page again. The administrator can also confirm it for you.
gate-email-confirm = Confirm email
gate-open-again = Open this page again
gate-refused-by-proxy = The proxy refused this request by a rule of its own, or you got access only a moment ago. Try again.

# The browser does not return the gate’s cookie.
gate-lost-title = Your sign-in did not arrive
gate-lost = You are signed in, but your browser did not return the cookie set by { $app }, or the redirect took too long.
gate-causes = Possible causes:
gate-cause-blocked = The browser blocks cookies. Allow them for { $app }.
gate-cause-copied = This link was copied from another browser or bookmarked mid-redirect. Use the button below.
gate-cause-address = The page was opened under a name other than { $app }, or over http instead of https.
gate-cause-proxy = For the administrator: the proxy removes Set-Cookie from responses below /.authflow/ (compare its configuration with what { $code-start }{ AUTHFLOW() } proxy{ $code-end } prints), or several instances have different clocks or SECRET_KEYs.

# The request cannot be decided.
gate-unreachable-title = This app cannot be reached
gate-reserved = This address is reserved for signing in. There is no page here.
gate-outdated = The reverse proxy of { $origin } is configured for an earlier version of this site’s sign-in, so you cannot sign in there.
gate-outdated-fix = For the administrator: print the proxy’s configuration again with { $code-start }{ AUTHFLOW() } proxy{ $code-end }. It must forward { $code-start }/.authflow/{ $code-end } to authflow.
gate-untrusted = This request reached the gate from an address that is not in GATE_PROXIES (by default the networks of TRUSTED_PROXIES, or loopback with hops:N). Add the proxy’s address to it. No one else may ask the gate.
gate-header-missing-nginx = The proxy did not send the header { $header }. Compare its configuration with what { $code-start }{ AUTHFLOW() } proxy{ $code-end } prints (Caddy and Traefik ask at /gate/forward).
gate-header-missing-forward = The proxy did not send the header { $header }. Compare its configuration with what { $code-start }{ AUTHFLOW() } proxy{ $code-end } prints (nginx asks at /gate/nginx).
gate-header-contradictory = The header { $header } has more than one value, or an invalid one. The proxy must set it itself instead of passing on what the client sent.
gate-unknown-origin = { $origin } is not in GATE_ORIGINS. Add it there, or open the app at its configured address.
gate-other-scheme = GATE_ORIGINS has { $origin }, but the proxy says that the request used the other scheme. Open { $origin }. If you did, a proxy in front of it does not pass on the scheme.
gate-rule-of-request = The proxy sent the query of the request where its rule belongs. With Caddy, write a question mark after the gate’s address: uri /gate/forward? ({ $code-start }{ AUTHFLOW() } proxy caddy{ $code-end } prints it).
gate-unknown-rule = The address at which the proxy asks contains “{ $rule }”, which is not a rule. Rules are role=NAME, factor=2, token=1 and public=PATH.

## On the way from a guarded app to the sign-in page

gate-no-app = This address is not one of the apps of this site. Check it for typos, or open the app from your list of apps.
gate-address-long = The address you asked for is longer than 8 KiB, so we cannot take you back to it after you sign in. Continue to the start page of { $app }. Once you are signed in, open the address there again.
gate-address-limit = The address you asked for is very long, and your network has asked for too many such addresses in the last hour. We cannot take you back to it after you sign in. Continue to the start page of { $app }. Once you are signed in, open the address there again.
gate-address-expired = The address you asked for was kept for one day and has expired. Continue to the start page of { $app }. Once you are signed in, open the address there again.
gate-continue = Continue to the start page
