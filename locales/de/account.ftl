## Die Seiten eines Kontos

account-nav = Kontoeinstellungen

## Übersicht

dashboard-greeting = Hallo { $name }
dashboard-apps = Ihre Apps
dashboard-apps-empty = Noch keine Apps. Hier erscheinen die Apps dieser Website.
dashboard-account = Ihr Konto
dashboard-handle = Benutzername
dashboard-roles = Rollen
dashboard-change = Ändern
dashboard-set = Festlegen
dashboard-confirmed = Bestätigt
dashboard-unconfirmed = Nicht bestätigt
dashboard-no-password = Keines
dashboard-on = Ein
dashboard-off = Aus
dashboard-session = Diese Sitzung
dashboard-signed-in = Angemeldet { $at }
dashboard-sessions = Alle Sitzungen

## Was zu tun ist, auf derselben Seite

attention-title = Bitte prüfen
attention-new-device = Anmeldung mit einem neuen Gerät
attention-new-device-text = { $device } hat sich { $at } von { $address } angemeldet. Wenn Sie das nicht waren, beenden Sie die Sitzung und ändern Sie Ihr Passwort.
attention-new-device-review = Sitzungen prüfen
attention-email = E-Mail-Adresse bestätigen
attention-email-confirm = Adresse bestätigen
attention-recovery-codes = Nur noch wenige Wiederherstellungscodes

## E-Mail-Adresse ändern

email-current = Ihre E-Mail-Adresse ist { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
email-unconfirmed = Sie haben diese E-Mail-Adresse noch nicht bestätigt. Bis dahin können Sie keine Apps öffnen, die Personen an ihrer E-Mail-Adresse erkennen.
email-send-confirmation = Bestätigungslink senden
email-confirmation-sent = Wir haben einen Link an { $email } geschickt. Öffnen Sie ihn, um Ihre E-Mail-Adresse zu bestätigen. Er gilt { $lifetime }.
email-already-confirmed = { $email } ist bereits bestätigt.
email-pending-title = Link gesendet
email-pending = Wir haben einen Link an { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } geschickt. Er gilt ab dem Versand { $lifetime }. Öffnen Sie ihn, während Sie hier angemeldet sind, und bestätigen Sie dort die Änderung. Bis dahin bleibt alles, wie es ist.
email-cancel-change = Änderung abbrechen
email-unchanged = Die Änderung ist abgebrochen.
email-kept = Ihre Eingabe ist noch da. Bitte senden Sie sie noch einmal ab.
email-new-label = Neue E-Mail-Adresse
email-new-hint = Wir schicken einen Link an die neue Adresse. Wenn Sie die Änderung dort bestätigen, werden Sie auf Ihren anderen Geräten abgemeldet und melden sich künftig mit der neuen Adresse an. Auch die alte Adresse wird benachrichtigt.
email-change = E-Mail-Adresse ändern
email-same = Das ist bereits Ihre E-Mail-Adresse. Geben Sie eine andere ein.
email-too-many-to-address = Wir haben in letzter Zeit mehrere E-Mails an diese Adresse geschickt. Warten Sie { $wait } und versuchen Sie es dann noch einmal.

## Der Link, der eine neue E-Mail-Adresse bestätigt

email-confirm-title = Neue E-Mail-Adresse bestätigen
email-confirm-intro = Ihre E-Mail-Adresse ändert sich von { $strong-start }{ $address-start }{ $old }{ $address-end }{ $strong-end } zu { $strong-start }{ $address-start }{ $new }{ $address-end }{ $strong-end }. Sie melden sich dann mit der neuen Adresse an und werden auf allen anderen Geräten abgemeldet.
email-confirm-use = Diese Adresse verwenden
email-confirm-keep = Bisherige Adresse behalten
profile-email-changed = Ihre E-Mail-Adresse wurde geändert.
email-link-signed-out-title = Bitte zuerst anmelden
email-link-signed-out = Die E-Mail-Adresse eines Kontos kann nur ändern, wem es gehört. Melden Sie sich mit Ihrer bisherigen Adresse an und öffnen Sie dann den Link in unserer E-Mail noch einmal.
email-link-gone = Bestätigungslinks funktionieren nur einmal und gelten { $lifetime }. Dieser wurde schon verwendet, ist abgelaufen oder wurde durch einen neueren ersetzt.
email-link-foreign-title = Dieser Link gehört zu einem anderen Konto
email-link-foreign = Sie sind als { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } angemeldet. Melden Sie sich ab und mit dem Konto an, dessen Adresse geändert werden soll. Öffnen Sie den Link dann noch einmal.
email-link-done-title = Schon erledigt
email-link-done = Ihre E-Mail-Adresse ist bereits { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
email-link-taken-title = Diese E-Mail-Adresse ist schon vergeben
email-link-taken = Inzwischen verwendet ein anderes Konto diese Adresse. Ihre eigene hat sich nicht geändert.
email-link-choose = Andere E-Mail-Adresse wählen

## Passwort ändern oder festlegen

password-none = Ihr Konto hat kein Passwort. Mit einem Passwort können Sie sich auch mit E-Mail-Adresse oder Benutzername anmelden.
password-current-label = Aktuelles Passwort
password-change = Passwort ändern
password-set = Passwort festlegen
password-forgot-current = Aktuelles Passwort vergessen?
password-changed = Ihr Passwort wurde geändert, und Sie sind auf allen anderen Geräten abgemeldet.
password-was-set = Ihr Passwort ist festgelegt, und Sie sind auf allen anderen Geräten abgemeldet.
password-outdated = Ihr Konto wurde inzwischen geändert, deshalb wurde kein Passwort festgelegt. Diese Seite zeigt den aktuellen Stand.

## Daten herunterladen, Konto löschen

data-title = Ihre Daten
data-export-title = Herunterladen
data-export = Alles, was wir über Sie speichern, als JSON-Datei: Konto, Rollen, Sitzungen, Aktivitäten und E-Mails. Passwörter und Geheimnisse sind nicht enthalten.
data-export-download = Meine Daten herunterladen
data-delete-title = Konto löschen
data-delete-short = Löscht Ihr Konto endgültig. Das lässt sich nicht rückgängig machen.
data-delete-question = Ihr Konto löschen?
data-delete = Damit löschen Sie das Konto { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } endgültig mit allen seinen Daten und werden überall abgemeldet. Das lässt sich nicht rückgängig machen. Einträge im Audit-Protokoll bleiben erhalten. Sie enthalten Ihre IP-Adresse, aber weder Namen noch E-Mail-Adresse.
data-delete-submit = Mein Konto löschen
data-deleted = Ihr Konto wurde gelöscht.
data-delete-outdated = Ihr Konto wurde inzwischen geändert und deshalb nicht gelöscht. Öffnen Sie diese Seite noch einmal.
data-delete-last-administrator = Ihr Konto hat als letztes die Rolle „admin“. Geben Sie sie zuerst einem anderen Konto.

## Der Link „Das war ich nicht“

not-me-title = Das war ich nicht
not-me-account = Es geht um Ihr Konto { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
not-me-account-moved = Es geht um Ihr Konto, dessen E-Mail-Adresse von { $strong-start }{ $address-start }{ $old }{ $address-end }{ $strong-end } zu { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } geändert wurde.
not-me-warning = Wenn nicht Sie selbst getan haben, was in unserer E-Mail steht, hat vielleicht jemand anderes Zugriff. Wenn Sie fortfahren:
not-me-restores = Die E-Mail-Adresse des Kontos ist wieder { $strong-start }{ $address-start }{ $old }{ $address-end }{ $strong-end }.
not-me-signs-out = Alle Sitzungen des Kontos werden beendet.
not-me-password = Falls das Konto ein Passwort hat, gilt es nicht mehr.
not-me-email-change = Eine noch nicht bestätigte Änderung der E-Mail-Adresse wird abgebrochen.
not-me-second-factor = Die Zwei-Faktor-Authentifizierung, die vor weniger als einer Woche eingeschaltet wurde, wird ausgeschaltet.
not-me-reset-link = Wir schicken Ihnen einen Link, mit dem Sie Ihr Passwort zurücksetzen können.
not-me-kept = Um das Passwort zurückzusetzen, brauchen Sie einen Code aus Ihrer Authenticator-App oder einen Wiederherstellungscode. Wiederherstellungscodes aus den letzten sieben Tagen gelten nicht mehr.
not-me-kept-for-administrator = Dieses Konto gehört zur Administration. Deshalb bleibt die Zwei-Faktor-Authentifizierung an, obwohl sie vor weniger als einer Woche eingeschaltet wurde. Um das Passwort zurückzusetzen, brauchen Sie einen Code aus der Authenticator-App oder einen Wiederherstellungscode. Wenn nicht Sie sie eingeschaltet haben, bitten Sie jemand anderen aus der Administration, sie auszuschalten, oder führen Sie auf dem Server { $code-start }{ $command }{ $code-end } aus.
not-me-submit = Überall abmelden
not-me-unticked = Setzen Sie das Häkchen, wenn Sie das nicht waren.
not-me-was-me = Wenn Sie es doch waren, schließen Sie diese Seite. Es wurde nichts geändert.
not-me-secured = Alle Sitzungen Ihres Kontos sind beendet. Falls es ein Passwort hatte, gilt es nicht mehr. Wir haben einen Link zum Zurücksetzen an { $email } geschickt.
not-me-done-title = Schon erledigt
not-me-done = Alle Sitzungen Ihres Kontos sind beendet. Falls es ein Passwort hatte, gilt es nicht mehr. Den Link zum Zurücksetzen finden Sie in Ihren E-Mails.
not-me-gone = Dieser Link wurde schon verwendet oder ist abgelaufen, oder das Konto ist deaktiviert oder gelöscht. Sie können Ihr Passwort trotzdem zurücksetzen. Dabei werden alle Sitzungen beendet.
