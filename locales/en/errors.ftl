## Error pages

error-unreadable-title = Unreadable request
error-unreadable = Your browser sent something that this site could not read. Go back and try again.
error-address-unreadable = This address contains characters that are not valid text (UTF-8). Open the page from a link, or check the address for typos.
error-not-http = Your browser sent a request that is not valid HTTP. A proxy or a browser extension may have changed it. Try again without it.
error-signed-out-title = You are signed out
error-forbidden-title = Not allowed
error-not-found-title = Page not found
error-not-found = This page does not exist. Check the address for typos.
error-method-title = This page can’t be opened directly
error-method = Go back and use the form or link that led here.
error-slow-title = That took too long
error-expired-title = This page had expired
error-gone-title = This link no longer works
error-too-large-title = Too large
error-long-address-title = This address is too long
error-long-address = This address is longer than 32 KiB. Open the page again from the app or the email that you came from.
error-headers-title = Your browser sends too much data
error-headers-many = Your browser sent more than 100 headers with this request. A browser extension or a proxy may have added them. Try again without it.
# $size: in KiB
error-headers-large = Your browser sent { $size } KiB of headers with this request, but this site accepts at most 16 KiB. A browser extension or a proxy may have added them. Try again without it.
# $all, $largest: in KiB. $name: the name of the largest cookie
error-cookies-large = Your browser sent { $all } KiB of cookies to this address, but this site accepts at most 16 KiB. The largest is “{ $name }” with { $largest } KiB, perhaps from another app on the same domain. Delete the cookies of this site and its domain in your browser’s settings, then reload the page.
error-media-type-title = Unsupported request
error-form-title = Something in the form is not valid
error-too-many-title = Please wait a moment
error-unavailable-title = We’ll be right back
error-starting-title = Starting up
error-busy = The server cannot respond right now. Nothing was lost: try again in a few seconds.
error-starting = The server is waiting for its database. Reload the page in a few seconds.
error-starting-form = The server is waiting for its database. Reload the page in a few seconds; your form will be submitted again.
error-failed-title = Something went wrong
error-failed = Something went wrong on our side. Please try again.
error-refused = This request was refused. Go back and try again.
# Above a button that submits the form again.
error-resend = We kept what you entered, except passwords and codes.
error-resend-submit = Submit again
error-request-id = If this keeps happening, give the administrator this request ID: { $code-start }{ $id }{ $code-end }
error-home = Go to the home page

## Forms that could not be read

# $site: the address of this site
error-form-other-site = This form was sent from another site, or from an address other than { $site }, so it was not accepted. Open the page at { $site } and submit it again.
error-form-type = This page accepts only forms (application/x-www-form-urlencoded). Go back and use the form on the page.
error-form-large = The form is larger than 64 KiB, so nothing was saved. Shorten what you entered and submit it again.
error-form-slow = The form did not arrive in time, so nothing was saved. Check your connection and submit it again.
error-form-incomplete = The connection broke before the whole form arrived, so nothing was saved. Submit it again.
error-form-many-fields = The form has more than 64 fields, so nothing was saved. Go back, reload the page and submit it again.
error-form-not-text = The form contains characters that are not valid text (UTF-8), so nothing was saved. Remove them and submit it again.
error-form-field-twice = A form field was sent twice, so nothing was saved. Go back, reload the page and submit it again.
error-form-field-unreadable = This site cannot read the value of a form field, so nothing was saved. Go back, reload the page and submit it again.
