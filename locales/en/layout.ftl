## On every page

# The title of a page with an error.
error-title = Error: { $title }
# In the title of a page that says something which the title does not repeat, because it has a name or an address.
layout-notice = Notice
layout-skip = Skip to content
# The name of the navigation in the header, for screen readers.
layout-main = Main
layout-account = Account
layout-language = Language
layout-doubled-cookie = Your browser sent two cookies named { $code-start }{ $cookie }{ $code-end }, so neither counts and signing in may not work. Clear the cookies of this site and its parent domain in your browser’s settings, then try again. If it happens again, another site on the same domain sets this cookie. Tell the administrator.
dashboard-title = Apps
profile-title = Profile
# The name of a button or link for screen readers. $label: what it does, which is all that is shown. $name: to what
label-of = { $label }: { $name }
two-sentences = { $first } { $second }

# Before the address for help, in the footer.
layout-support = Help: { $link-start }{ $email }{ $link-end }

## The choice between light and dark, in the footer

layout-theme = Appearance:
layout-theme-system = System
layout-theme-light = Light
layout-theme-dark = Dark
theme-unknown = There is no such appearance. Go back and choose again.
theme-expired = This page had expired, so the appearance was not changed. Go back and choose again. If it keeps happening, allow cookies for this site.

## The choice of the language, in the footer

layout-language-choice = Language:
language-unknown = This site is not available in that language. Go back and choose another one.
language-expired = This page had expired, so the language was not changed. Go back and choose it again. If it keeps happening, allow cookies for this site.
footer-back = Go back
