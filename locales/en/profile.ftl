## The profile: name, language and time zone

profile-name-label = Name
profile-name-hint = The name others see.
# The first choice of the language: pages are in the browser’s, emails in the site’s default. $language: for example English
profile-language-browser = Same as my browser; emails: { $language }
profile-language-invalid = Choose a language from the list.
profile-time-zone-label = Time zone
# The first choice of the time zone. $zone: for example Europe/Berlin
profile-time-zone-default = Default of this site ({ $zone })
# The heading of time zones that belong to no region, such as UTC.
profile-time-zone-other = Other
profile-time-zone-invalid = Choose a time zone from the list.
profile-save = Save
profile-saved = Your profile has been saved.
profile-handle = Your handle is { $code-start }{ $handle }{ $code-end }. Apps identify you by it, and you can sign in with it instead of your email. Only an administrator can change it.
profile-data = Download your data or delete your account
