## Fehlerseiten

error-unreadable-title = Anfrage nicht lesbar
error-unreadable = Ihr Browser hat etwas gesendet, das diese Website nicht lesen konnte. Gehen Sie zurück und versuchen Sie es noch einmal.
error-address-unreadable = Diese Adresse enthält Zeichen, die kein gültiger Text (UTF-8) sind. Öffnen Sie die Seite über einen Link oder prüfen Sie die Adresse auf Tippfehler.
error-not-http = Ihr Browser hat eine Anfrage gesendet, die kein gültiges HTTP ist. Vielleicht hat ein Proxy oder eine Browser-Erweiterung sie verändert. Versuchen Sie es ohne diese noch einmal.
error-signed-out-title = Sie sind abgemeldet
error-forbidden-title = Nicht erlaubt
error-not-found-title = Seite nicht gefunden
error-not-found = Diese Seite gibt es nicht. Prüfen Sie die Adresse auf Tippfehler.
error-method-title = Diese Seite lässt sich nicht direkt öffnen
error-method = Gehen Sie zurück und benutzen Sie das Formular oder den Link, über den Sie hierher gekommen sind.
error-slow-title = Das hat zu lange gedauert
error-expired-title = Diese Seite war abgelaufen
error-gone-title = Dieser Link funktioniert nicht mehr
error-too-large-title = Zu groß
error-long-address-title = Diese Adresse ist zu lang
error-long-address = Diese Adresse ist länger als 32 KiB. Öffnen Sie die Seite noch einmal über die App oder die E-Mail, aus der Sie kommen.
error-headers-title = Ihr Browser sendet zu viele Daten
error-headers-many = Ihr Browser hat mit dieser Anfrage mehr als 100 Header gesendet. Vielleicht hat eine Browser-Erweiterung oder ein Proxy sie hinzugefügt. Versuchen Sie es ohne diese noch einmal.
error-headers-large = Ihr Browser hat mit dieser Anfrage { $size } KiB an Headern gesendet, erlaubt sind höchstens 16 KiB. Vielleicht hat eine Browser-Erweiterung oder ein Proxy sie hinzugefügt. Versuchen Sie es ohne diese noch einmal.
error-cookies-large = Ihr Browser hat { $all } KiB an Cookies an diese Adresse gesendet, erlaubt sind höchstens 16 KiB. Das größte ist „{ $name }“ mit { $largest } KiB; vielleicht stammt es von einer anderen App auf derselben Domain. Löschen Sie in den Einstellungen Ihres Browsers die Cookies dieser Website und ihrer Domain und laden Sie die Seite dann neu.
error-media-type-title = Anfrage nicht unterstützt
error-form-title = Etwas im Formular ist ungültig
error-too-many-title = Bitte warten Sie einen Moment
error-unavailable-title = Wir sind gleich wieder da
error-starting-title = Der Server startet
error-busy = Der Server kann gerade nicht antworten. Es ist nichts verloren gegangen: Versuchen Sie es in ein paar Sekunden noch einmal.
error-starting = Der Server wartet auf seine Datenbank. Laden Sie die Seite in ein paar Sekunden neu.
error-starting-form = Der Server wartet auf seine Datenbank. Laden Sie die Seite in ein paar Sekunden neu; Ihr Formular wird dann noch einmal gesendet.
error-failed-title = Etwas ist schiefgegangen
error-failed = Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal.
error-refused = Diese Anfrage wurde abgelehnt. Gehen Sie zurück und versuchen Sie es noch einmal.
error-resend = Ihre Eingaben sind noch da, nur Passwörter und Codes nicht.
error-resend-submit = Noch einmal senden
error-request-id = Wenn das öfter passiert, nennen Sie der Administration diese Anfrage-ID: { $code-start }{ $id }{ $code-end }
error-home = Zur Startseite

## Formulare, die nicht gelesen werden konnten

error-form-other-site = Dieses Formular wurde von einer anderen Website oder von einer anderen Adresse als { $site } gesendet und deshalb nicht angenommen. Öffnen Sie die Seite unter { $site } und senden Sie es dort noch einmal ab.
error-form-type = Diese Seite nimmt nur Formulare an (application/x-www-form-urlencoded). Gehen Sie zurück und benutzen Sie das Formular auf der Seite.
error-form-large = Das Formular ist größer als 64 KiB, deshalb wurde nichts gespeichert. Kürzen Sie Ihre Eingaben und senden Sie es noch einmal ab.
error-form-slow = Das Formular ist nicht rechtzeitig angekommen, deshalb wurde nichts gespeichert. Prüfen Sie Ihre Verbindung und senden Sie es noch einmal ab.
error-form-incomplete = Die Verbindung brach ab, bevor das ganze Formular angekommen war. Deshalb wurde nichts gespeichert. Senden Sie es noch einmal ab.
error-form-many-fields = Das Formular hat mehr als 64 Felder, deshalb wurde nichts gespeichert. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal ab.
error-form-not-text = Das Formular enthält Zeichen, die kein gültiger Text (UTF-8) sind, deshalb wurde nichts gespeichert. Entfernen Sie sie und senden Sie es noch einmal ab.
error-form-field-twice = Ein Feld des Formulars wurde doppelt gesendet, deshalb wurde nichts gespeichert. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal ab.
error-form-field-unreadable = Diese Website kann den Wert eines Formularfelds nicht lesen, deshalb wurde nichts gespeichert. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal ab.
