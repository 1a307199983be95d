## Sitzungen

sessions-title = Sitzungen
sessions-intro = Auf diesen Geräten sind Sie angemeldet. Wenn Sie eines nicht kennen, beenden Sie seine Sitzung und ändern Sie Ihr Passwort.
sessions-this-device = dieses Gerät
sessions-program = Programm
sessions-device = Gerät
sessions-address = IP-Adresse
sessions-signed-in = Angemeldet
sessions-last-seen = Zuletzt benutzt
sessions-ends = Endet ungenutzt am { $day }
sessions-ends-or-closed = Endet ungenutzt am { $day }, oder wenn Sie den Browser schließen
sessions-sign-out-here = Hier abmelden
sessions-end = Sitzung beenden
sessions-end-which = { $device }, angemeldet { $at }
sessions-end-others = Überall sonst abmelden
sessions-ended = Die Sitzung wurde beendet.
sessions-ended-before = Diese Sitzung war schon beendet.
sessions-others-ended = Sie sind überall sonst abgemeldet.
signs-out-elsewhere = Dabei werden Sie auf allen anderen Geräten abgemeldet.

## Aktivität

activity-title = Aktivitäten
activity-intro = Das ist in Ihrem Konto passiert. Wenn Sie etwas nicht wiedererkennen, { $password-start }ändern Sie Ihr Passwort{ $password-end } und { $sessions-start }beenden Sie die Sitzungen{ $sessions-end }, die Sie nicht kennen.
activity-by-administrator = Durch die Administration
activity-empty = Noch ist nichts passiert. Ihre Anmeldungen und Änderungen finden Sie später hier.
