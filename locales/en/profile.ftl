## The profile: name, language and time zone

profile-name-label = Name
profile-name-hint = The name others see.
# The first choice of the language.
profile-language-browser = Same as my browser
# $language: for example English
profile-language-hint = If you choose none, emails are in the language of this site ({ $language }).
profile-language-invalid = Choose a language from the list.
profile-time-zone-label = Time zone
# The first choice of the time zone. $zone: for example Europe/Berlin
profile-time-zone-default = Site default ({ $zone })
# The places in the list have their English names in every language.
profile-time-zone-hint = Choose a place that has your time.
# Before the names of the regions, which are buttons.
profile-time-zone-regions = Choose another region
profile-time-zone-invalid = Choose a time zone from the list.
profile-save = Save
profile-saved = Your profile has been saved.
profile-handle = Your handle is { $code-start }{ $handle }{ $code-end }. You can sign in with it instead of your email. Only an administrator can change it.
profile-handle-in-apps = Your handle is { $code-start }{ $handle }{ $code-end }. Apps identify you by it, and you can sign in with it instead of your email. Only an administrator can change it.
profile-data = Download your data or delete your account

## The parts of the world in the list of time zones

region-africa = Africa
region-america = America
region-antarctica = Antarctica
region-arctic = Arctic
region-asia = Asia
region-atlantic = Atlantic Ocean
region-australia = Australia
region-europe = Europe
region-indian = Indian Ocean
region-pacific = Pacific Ocean
# Behind the others, with UTC alone.
region-other = Other
