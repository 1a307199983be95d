## Fehlerseiten

error-unreadable-title = Anfrage nicht lesbar
error-unreadable = Ihr Browser hat etwas gesendet, das diese Website nicht lesen konnte.
error-signed-out-title = Sie sind abgemeldet
error-forbidden-title = Nicht erlaubt
error-not-found-title = Seite nicht gefunden
error-not-found = Diese Seite gibt es nicht. Prüfen Sie die Adresse auf Tippfehler.
error-method-title = Diese Seite lässt sich nicht direkt öffnen
error-method = Gehen Sie zurück und benutzen Sie das Formular oder den Link, der Sie hierher geführt hat.
error-slow-title = Das hat zu lange gedauert
error-conflict-title = Das ist nicht mehr möglich
error-gone-title = Dieser Link funktioniert nicht mehr
error-too-large-title = Zu groß
error-long-address-title = Diese Adresse ist zu lang
error-headers-title = Ihr Browser sendet zu viele Daten
error-media-type-title = Anfrage nicht unterstützt
error-form-title = Etwas im Formular ist ungültig
error-too-many-title = Bitte warten Sie einen Moment
error-unavailable-title = Wir sind gleich wieder da
error-busy = Der Server kann gerade nicht antworten. Es ist nichts verloren gegangen: Versuchen Sie es in ein paar Sekunden noch einmal.
error-starting = Der Server wartet auf seine Datenbank. Laden Sie die Seite in ein paar Sekunden neu; Ihr Formular wird dann noch einmal gesendet.
error-failed-title = Etwas ist schiefgegangen
error-failed = Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal.
error-refused = Diese Anfrage wurde abgelehnt.

untranslated = { $text }
