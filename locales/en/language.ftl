## What this language says about itself, and how it writes numbers, times and lists.

# The name of the language in itself, for the choice of languages.
language-name = English
# ltr or rtl
language-direction = ltr
# Between groups of three digits: 1,000
language-number-group = ,

number = { $number }

# 28 Nov 2026
date = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }
# 28 Nov 2026, 13:27 CET. The spaces that must not break are non-breaking.
date-and-time = { $day }, { $clock }{ "\u00A0" }{ $zone }
# 28 Nov 2026, 13:27:59, where the zone stands elsewhere.
date-and-clock = { $day }, { $clock }
# The name of a time zone, from the English abbreviation.
zone-name = { $name }
# 3 minutes ago (28 Nov 2026, 13:27 CET)
ago-and-time = { $ago } ({ $time })
just-now = just now
minutes-ago = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
hours-ago = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}

# Durations. They stand for themselves or as an object: it works for 30 minutes.
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

# A list: Ada, Grace and Alan. $start is what is already joined.
list-middle = { $start }, { $next }
list-end = { $start } and { $last }
