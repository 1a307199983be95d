## Error pages

error-unreadable-title = Unreadable request
error-unreadable = Your browser sent something that this site could not read.
error-signed-out-title = You are signed out
error-forbidden-title = Not allowed
error-not-found-title = Page not found
error-not-found = This page does not exist. Check the address for typos.
error-method-title = This page can’t be opened directly
error-method = Go back and use the form or link that led here.
error-slow-title = That took too long
error-conflict-title = That is no longer possible
error-gone-title = This link no longer works
error-too-large-title = Too large
error-long-address-title = This address is too long
error-headers-title = Your browser sends too much data
error-media-type-title = Unsupported request
error-form-title = Something in the form is not valid
error-too-many-title = Please wait a moment
error-unavailable-title = We’ll be right back
error-busy = The server cannot respond right now. Nothing was lost: try again in a few seconds.
error-starting = The server is waiting for its database. Reload in a few seconds; your form will be submitted again.
error-failed-title = Something went wrong
error-failed = Something went wrong on our side. Please try again.
error-refused = This request was refused.

# A text that has no translation yet.
untranslated = { $text }
