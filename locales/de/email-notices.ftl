## Änderung der E-Mail-Adresse

email-confirm-new-subject = Bestätigen Sie Ihre neue E-Mail-Adresse
email-confirm-new = jemand, vermutlich Sie selbst, möchte { $strong-start }{ $email }{ $strong-end } für ein Konto bei { $site } verwenden. Öffnen Sie zur Bestätigung diesen Link in einem Browser, in dem Sie angemeldet sind:
email-confirm-new-not-me = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ohne den Link wird die Adresse nicht verwendet.

email-taken-subject = Diese E-Mail-Adresse wird bereits verwendet
email-taken = jemand, vermutlich Sie selbst, möchte { $strong-start }{ $email }{ $strong-end } für ein weiteres Konto bei { $site } verwenden. Zu dieser Adresse gibt es bereits ein Konto, daher wurde nichts geändert. Falls beide Konten Ihnen gehören, löschen Sie zuerst eines davon. Hier können Sie sich anmelden:

email-change-requested-subject = Änderung der E-Mail-Adresse angefordert
email-change-requested = jemand, vermutlich Sie selbst, möchte die E-Mail-Adresse Ihres Kontos bei { $site } von { $strong-start }{ $email }{ $strong-end } in { $strong-start }{ $new }{ $strong-end } ändern. Die Änderung gilt, sobald die neue Adresse bestätigt ist.
email-change-requested-undo = Wenn Sie Ihr Konto sichern, wird auch diese Änderung abgebrochen oder, falls sie schon erfolgt ist, rückgängig gemacht.

email-changed-subject = Ihre E-Mail-Adresse wurde geändert
email-changed = die E-Mail-Adresse Ihres Kontos bei { $site } wurde von { $strong-start }{ $email }{ $strong-end } in { $strong-start }{ $new }{ $strong-end } geändert. Ab jetzt melden Sie sich mit der neuen Adresse an und erhalten dort unsere E-Mails. Alle anderen Geräte wurden abgemeldet.
email-changed-undo = Wenn Sie Ihr Konto sichern, erhält es auch diese Adresse zurück.

email-reserved-subject = Jemand möchte Ihre frühere E-Mail-Adresse verwenden
email-reserved = jemand, vermutlich Sie selbst, möchte die Adresse { $strong-start }{ $email }{ $strong-end } bei { $site } verwenden. Sie gehörte bis vor Kurzem zu einem Konto, das jetzt eine andere Adresse hat. Deshalb ist sie eine Woche lang reserviert.
email-reserved-was-me = Wenn Sie die Adresse des Kontos selbst geändert haben, brauchen Sie nichts zu tun.
email-reserved-not-me = Wenn Sie sie nicht selbst geändert haben, sichern Sie jetzt Ihr Konto. Dabei erhält es diese Adresse zurück, alle Geräte werden abgemeldet, ein vorhandenes Passwort wird deaktiviert, und Sie erhalten per E-Mail einen Link zum Zurücksetzen:
email-reserved-lifetime = Dieser Link ist ab der Änderung der Adresse { $lifetime } gültig. Er meldet niemanden an.

email-restored-subject = Ihr Konto hat wieder seine vorherige E-Mail-Adresse
email-restored = die Adresse Ihres Kontos bei { $site } war von { $strong-start }{ $former }{ $strong-end } in { $strong-start }{ $email }{ $strong-end } geändert worden. Von der vorherigen Adresse aus wurde uns mitgeteilt, dass diese Änderung nicht gewollt war. Das Konto hat wieder die vorherige Adresse, und alle Geräte wurden abgemeldet. Das Passwort, falls es eines gab, funktioniert nicht mehr.
email-restored-not-them = Wenn das Konto doch Ihnen gehört, liest jemand anderes die E-Mails der vorherigen Adresse. Wenden Sie sich an die Administration von { $site }.

## Zwei-Faktor-Authentifizierung

email-two-factor-on-subject = Zwei-Faktor-Authentifizierung ist eingeschaltet
email-two-factor-on = Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } verlangt bei der Anmeldung jetzt einen Code aus Ihrer Authenticator-App. Bewahren Sie die Wiederherstellungscodes sicher auf: Ohne die App und ohne diese Codes können Sie sich nicht mehr anmelden. Alle anderen Geräte wurden abgemeldet.
email-two-factor-on-undo = Wenn Sie Ihr Konto sichern, wird auch die Zwei-Faktor-Authentifizierung wieder ausgeschaltet, außer bei Administrationskonten.

email-app-replaced-subject = Ihre Authenticator-App wurde ersetzt
email-app-replaced = die Authenticator-App Ihres Kontos { $strong-start }{ $email }{ $strong-end } bei { $site } wurde ersetzt. Dabei wurde ein Code der bisherigen App oder ein Wiederherstellungscode verwendet. Die bisherige App und ihre Wiederherstellungscodes funktionieren nicht mehr. Bewahren Sie die neuen Wiederherstellungscodes sicher auf. Alle anderen Geräte wurden abgemeldet.
email-app-replaced-undo = Auf der Seite, die der Link öffnet, steht, was mit der Zwei-Faktor-Authentifizierung geschieht. Bleibt sie eingeschaltet, brauchen Sie einen Code, um ein neues Passwort festzulegen. Wenn Sie keinen gültigen Code haben, bitten Sie die Administration, die Zwei-Faktor-Authentifizierung auszuschalten.

email-two-factor-off-subject = Zwei-Faktor-Authentifizierung ist ausgeschaltet
email-two-factor-off = Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } verlangt bei der Anmeldung keinen Code mehr; das Passwort allein genügt. Alle anderen Geräte wurden abgemeldet.

email-two-factor-removed-subject = Ihre Zwei-Faktor-Authentifizierung wurde ausgeschaltet
email-two-factor-removed = die Administration von { $site } hat die Zwei-Faktor-Authentifizierung für Ihr Konto { $strong-start }{ $email }{ $strong-end } ausgeschaltet. Für die Anmeldung genügt jetzt das Passwort. Alle Geräte wurden abgemeldet, und Ihre Wiederherstellungscodes funktionieren nicht mehr.
email-two-factor-removed-reason = Grund: { $reason }
email-two-factor-removed-next = Wenn Sie darum gebeten haben, melden Sie sich an und schalten Sie die Zwei-Faktor-Authentifizierung mit Ihrem neuen Gerät wieder ein.
email-two-factor-removed-not-me = Wenn Sie nicht darum gebeten haben, sichern Sie jetzt Ihr Konto. Dabei werden alle Geräte abgemeldet, ein vorhandenes Passwort wird deaktiviert, und Sie erhalten per E-Mail einen Link zum Zurücksetzen:

email-recovery-codes-subject = Neue Wiederherstellungscodes erstellt
email-recovery-codes = für Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } wurden neue Wiederherstellungscodes erstellt. Die bisherigen Codes funktionieren nicht mehr. Alle anderen Geräte wurden abgemeldet.

email-recovery-code-used-subject = Ein Wiederherstellungscode wurde verwendet
email-recovery-code-used = ein Wiederherstellungscode Ihres Kontos { $strong-start }{ $email }{ $strong-end } bei { $site } wurde verwendet. { $left ->
    [0] Es ist kein Code mehr übrig.
    [one] Es ist noch { $left } Code übrig.
   *[other] Es sind noch { $left } Codes übrig.
}
email-recovery-code-used-next = Dann kennt vielleicht jemand Ihre Wiederherstellungscodes. Erstellen Sie neue, sobald Sie sich wieder angemeldet haben.

email-codes-refused-subject = Falsche Zwei-Faktor-Codes für Ihr Konto
email-codes-refused = jemand hat in einem Browser, den wir nicht kennen, mehrere falsche Zwei-Faktor-Codes für Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } eingegeben. Die Anmeldung ist nicht gelungen. Einen Code verlangen wir erst, wenn Ihr Passwort richtig eingegeben oder ein Link aus einer E-Mail an Sie geöffnet wurde. Wenn Sie das nicht waren, kennt also jemand Ihr Passwort oder liest Ihre E-Mails.

## Sitzungen und das Ende eines Kontos

email-new-sign-in-subject = Neue Anmeldung in Ihrem Konto
email-new-sign-in = jemand, vermutlich Sie selbst, hat sich in Ihrem Konto { $strong-start }{ $email }{ $strong-end } bei { $site } mit einem Browser oder einer App angemeldet, die wir nicht kennen.

email-session-copied-subject = Wir haben eine kopierte Sitzung beendet
email-session-copied = eine alte Kopie des Cookies oder Tokens wurde verwendet, mit dem Sie in Ihrem Konto { $strong-start }{ $email }{ $strong-end } bei { $site } angemeldet bleiben. Das sollte nie vorkommen, deshalb haben wir die Sitzung überall beendet. Die Ursache kann ein wiederhergestelltes Backup Ihres Geräts sein. Wenn Sie keines wiederhergestellt haben, hatte vielleicht jemand Zugriff auf Ihr Gerät.
email-session-copied-not-me = Wenn Sie sich das nicht erklären können, sichern Sie jetzt Ihr Konto. Dabei werden alle Geräte abgemeldet, ein vorhandenes Passwort wird deaktiviert, und Sie erhalten per E-Mail einen Link zum Zurücksetzen:

email-deleted-subject = Ihr Konto wurde gelöscht
email-deleted = das Konto { $strong-start }{ $email }{ $strong-end } bei { $site } wurde mit allem, was dazu gehörte, gelöscht. Das lässt sich nicht rückgängig machen.
email-deleted-not-me = Wenn Sie das nicht waren, hatte jemand Zugriff auf Ihr Konto. Falls Sie das Passwort auch anderswo verwenden, ändern Sie es dort. Wenden Sie sich an die Administration von { $site }.
email-deleted-by-administrator = die Administration von { $site } hat Ihr Konto { $strong-start }{ $email }{ $strong-end } mit allem, was dazu gehörte, gelöscht. Das lässt sich nicht rückgängig machen.

## Die Test-E-Mail der Kommandozeile

email-test-subject = Test-E-Mail
email-test = dies ist die Test-E-Mail, die bei { $site } am { $time } angefordert wurde. An den Konten hat sich nichts geändert, und Sie brauchen nichts zu tun.
email-test-unexpected = Wenn Sie diese E-Mail nicht erwartet haben, hat sich die Administration von { $site } bei einer Adresse vertippt.
