## What we know of a browser or program, in lists of sessions, the activity, the audit log and emails

# $browser, for example Firefox; $system, for example Linux
device = { $browser } on { $system }
device-browser = { $browser }
device-system = Unknown browser on { $system }
device-unknown = Unknown browser
