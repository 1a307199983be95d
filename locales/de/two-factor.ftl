## Zwei-Faktor-Authentifizierung

second-factor-demanded = Für Ihr Konto ist die Zwei-Faktor-Authentifizierung vorgeschrieben. Richten Sie sie hier ein, um fortzufahren.
two-factor-use-recovery-code = Sie können stattdessen einen Wiederherstellungscode verwenden.
second-factor-for-app = { $app } verlangt die Zwei-Faktor-Authentifizierung. Schalten Sie sie hier ein, um fortzufahren.
second-step-not-saved = Ihre Änderungen wurden nicht gespeichert.
second-step-link-may-expire = Falls Ihr Link danach nicht mehr funktioniert, ändern Sie Ihre E-Mail-Adresse noch einmal.

## Einschalten, oder die App ersetzen

two-factor-title = Zwei-Faktor-Authentifizierung
two-factor-off = Die Zwei-Faktor-Authentifizierung ist aus. Wenn Sie sie einschalten, reicht Ihr Passwort allein nicht mehr zum Anmelden: Sie geben zusätzlich einen Code aus einer Authenticator-App auf Ihrem Smartphone ein.
two-factor-replace-intro = Fügen Sie dieses Konto der App auf Ihrem neuen Smartphone hinzu und geben Sie den Code ein, den sie anzeigt. Bis dahin funktioniert Ihre aktuelle App weiter. Sie erhalten auch neue Wiederherstellungscodes.
two-factor-add = 1. Konto zur App hinzufügen
two-factor-scan = Scannen Sie diesen QR-Code mit einer Authenticator-App, oder { $link-start }öffnen Sie ihn in einer App auf diesem Gerät{ $link-end }. Wenn Sie noch keine haben, installieren Sie zuerst eine, zum Beispiel Aegis, 2FAS, Ente Auth oder Google Authenticator.
two-factor-scan-again = Falls Sie schon einen Code gescannt haben, bevor Sie Ihre Identität bestätigt haben: Scannen Sie stattdessen diesen neuen.
two-factor-qr = QR-Code für Ihre Authenticator-App. Er enthält den Schlüssel, der darunter steht.
two-factor-open = { $link-start }Öffnen Sie den Schlüssel in einer Authenticator-App auf diesem Gerät{ $link-end }, oder geben Sie ihn in die App ein.
two-factor-key = Statt des QR-Codes können Sie diesen Schlüssel in die App eingeben:
two-factor-enter = 2. Code aus der App eingeben
two-factor-save = 3. Codes speichern
two-factor-save-codes = Die nächste Seite zeigt { $count } Wiederherstellungscodes. Bewahren Sie sie sicher auf: Ohne App und Codes kommen Sie nicht mehr in Ihr Konto.
two-factor-app-code-hint = 6 Ziffern, die sich alle 30 Sekunden ändern.
two-factor-app-code-malformed = Geben Sie die 6 Ziffern aus der App ein.
two-factor-new-code-label = Code aus der neuen App
two-factor-new-code-missing = Geben Sie den Code aus Ihrer neuen App ein.
two-factor-current-code-label = Code aus der aktuellen App
two-factor-current-code-hint = Oder ein Wiederherstellungscode.
two-factor-current-code-missing = Geben Sie einen Code aus Ihrer aktuellen App oder einen Wiederherstellungscode ein.
two-factor-turn-on = Einschalten
two-factor-replace = Neue App verwenden
two-factor-turned-on = Die Zwei-Faktor-Authentifizierung ist eingeschaltet.
two-factor-replaced = Ihre neue App ist eingerichtet. Codes aus der alten gelten nicht mehr.

## Solange sie eingeschaltet ist

two-factor-on = Die Zwei-Faktor-Authentifizierung ist seit dem { $since } eingeschaltet. Beim Anmelden und beim Zurücksetzen Ihres Passworts geben Sie einen Code aus Ihrer App ein.
recovery-codes-label = Wieder{ "\u00AD" }herstellungs{ "\u00AD" }codes
recovery-codes-left = Jeder Code gilt einmal und ersetzt einen Code aus Ihrer App. { $count ->
    [0] Es ist keiner mehr übrig.
    [one] Es ist noch { $strong-start }{ $count }{ $strong-end } übrig.
   *[other] Es sind noch { $strong-start }{ $count }{ $strong-end } übrig.
}
recovery-codes-few = Erstellen Sie jetzt neue.
recovery-codes-renew-label = Code zum Bestätigen
recovery-codes-renew-hint = Aus Ihrer App, oder ein Wiederherstellungscode. Ihre bisherigen Wiederherstellungscodes gelten dann nicht mehr, und Sie werden auf allen anderen Geräten abgemeldet.
recovery-codes-renew-open = Neue Codes erstellen …
recovery-codes-renew = Neue Codes erstellen
recovery-codes-renewed = Hier sind Ihre neuen Wiederherstellungscodes. Die alten gelten nicht mehr.
two-factor-move = Auf ein anderes Smartphone umziehen
two-factor-move-how = Richten Sie die App auf dem neuen Smartphone ein. Ihre aktuelle App funktioniert weiter, bis Sie den ersten Code aus der neuen eingeben.
two-factor-move-start = Andere App einrichten
two-factor-required = Für Ihr Konto vorgeschrieben
two-factor-required-why = Für Ihr Konto ist die Zwei-Faktor-Authentifizierung vorgeschrieben, deshalb können Sie sie nicht ausschalten. Wenn Sie weder die App noch Ihre Wiederherstellungscodes haben, bitten Sie die Administration, sie auszuschalten. Danach können Sie sie neu einrichten.
two-factor-turn-off = Ausschalten
two-factor-turn-off-question = Zwei-Faktor-Authentifizierung ausschalten?
two-factor-turn-off-short = Zum Anmelden brauchen Sie dann keinen Code mehr.
two-factor-turned-off = Die Zwei-Faktor-Authentifizierung ist ausgeschaltet, und Sie sind auf allen anderen Geräten abgemeldet.
two-factor-outdated = Die Zwei-Faktor-Authentifizierung wurde inzwischen geändert, deshalb wurde jetzt nichts geändert. Falls Sie Ihre Wiederherstellungscodes nicht gespeichert haben, erstellen Sie neue.

## Neue Wiederherstellungscodes

recovery-codes-title = Wieder{ "\u00AD" }herstellungs{ "\u00AD" }codes
recovery-codes-intro = Wenn Sie Ihre App verlieren, können Sie sich mit jedem dieser Codes einmal anmelden. { $strong-start }Speichern Sie sie jetzt.{ $strong-end } Wir zeigen sie { $lasts } lang oder bis Sie bestätigen, dass Sie sie gespeichert haben. Bewahren Sie sie sicher auf, nicht auf demselben Smartphone.
recovery-codes-copy = Ein Klick auf die Codes markiert alle, damit Sie sie kopieren können. Sie können diese Seite auch drucken.
recovery-codes-download = Codes herunterladen
recovery-codes-saved = Ich habe sie gespeichert
recovery-codes-saved-app = Ich habe sie gespeichert: weiter zu { $app }
recovery-codes-expired = Diese Seite war abgelaufen. Gehen Sie zurück und versuchen Sie es noch einmal, oder schreiben Sie die Codes auf.
recovery-codes-gone-title = Diese Codes gelten nicht mehr
recovery-codes-gone = Diese Wiederherstellungscodes gelten nicht mehr. Erstellen Sie neue.
recovery-codes-file-title = Wiederherstellungscodes für { $email } bei { $site } ({ $url })
recovery-codes-file-note = Gespeichert am { $at }. Jeder Code gilt einmal und ersetzt einen Code aus Ihrer App.
