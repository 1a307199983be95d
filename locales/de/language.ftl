language-name = Deutsch
language-direction = ltr
language-number-group = .

number = { $number }

date = { $day }. { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sep.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
} { $year }
date-and-time = { $day }, { $clock }{ "\u00A0" }Uhr{ "\u00A0" }{ $zone }
date-and-clock = { $day }, { $clock }
zone-name = { $name ->
    [WET] WEZ
    [WEST] WESZ
    [CET] MEZ
    [CEST] MESZ
    [EET] OEZ
    [EEST] OESZ
   *[other] { $name }
}
ago-and-time = { $ago } ({ $time })
just-now = gerade eben
minutes-ago = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
hours-ago = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
days-ago = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}

# Im Akkusativ: gilt 30 Minuten, einen Tag schreiben wir 1 Tag.
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}

list-middle = { $start }, { $next }
list-end = { $start } und { $last }
