## Administration: was mehrere Seiten gemeinsam haben

admin-nav = Administration
admin-all = Alle
admin-apply-filters = Filter anwenden
admin-clear-filters = Zurücksetzen

## Die Liste der Konten

users-title = Konten
users-count = { $count ->
    [one] { $count } Konto
   *[other] { $count } Konten
}
users-count-many = Mehr als { $count } Konten
users-waiting = { $count ->
    [one] { $count } Konto wartet auf Freigabe.
   *[other] { $count } Konten warten auf Freigabe.
} { $link-start }Prüfen{ $link-end }
users-search = Name, Benutzername oder E-Mail
users-status = Status
users-status-active = Aktiv
users-status-waiting = Wartet auf Freigabe
users-status-unverified = E-Mail-Adresse nicht bestätigt
users-status-disabled = Deaktiviert
users-role = Rolle
users-two-factor = Zwei-Faktor-Authentifizierung
users-on = Ein
users-off = Aus
users-sort = Sortieren nach
users-sort-newest = Neueste
users-sort-name = Name
users-sort-email = E-Mail-Adresse
users-sort-last-sign-in = Letzte Anmeldung
users-two-factor-tag = Zwei-Faktor
users-empty = Zu diesen Filtern gibt es keine Konten.
users-deleted = Das Konto ist gelöscht.
users-rejected = Die Registrierung ist abgelehnt. Wir benachrichtigen die Person per E-Mail.

## Die Seite eines Kontos

user-account = Konto
user-email-confirmed = Bestätigt
user-email-not-confirmed = Nicht bestätigt
user-handle = Benutzername
user-no-handle = Keiner, bevor das Konto bestätigt und freigegeben ist
user-since = seit dem { $time }
user-roles = Rollen
user-no-roles = Keine
user-two-factor-since = seit dem { $time }, noch { $count ->
    [one] { $count } Wiederherstellungscode
   *[other] { $count } Wiederherstellungscodes
}
user-two-factor-required = Von { $code-start }SECOND_FACTOR{ $code-end } vorgeschrieben.
user-two-factor-required-missing = Von { $code-start }SECOND_FACTOR{ $code-end } vorgeschrieben. Bis sie eingerichtet ist, kann man sie mit diesem Konto nur einrichten oder sich abmelden.
user-joined = Registriert
user-last-sign-in = Letzte Anmeldung
user-never = Noch nie
user-id = ID
user-confirm-first = { $link-start }Bestätigen Sie Ihre Identität{ $link-end }, um etwas zu ändern.
user-approval = Freigabe
user-approval-hint = Dieses Konto lässt sich erst benutzen, wenn Sie es freigeben.
user-approve = Konto freigeben
user-reject = Ablehnen …
user-roles-label = Rollennamen
user-roles-hint = Trennen Sie Rollen mit Kommas. „admin“ gibt Zugang zu diesen Seiten; geschützte Apps erfahren alle Rollen.
user-roles-save = Rollen speichern
user-handle-hint = 2 bis 32 Zeichen: Buchstaben von a bis z, Ziffern, Punkte, Unterstriche und Bindestriche. Apps halten ein Konto mit neuem Benutzernamen möglicherweise für ein anderes. Den alten Benutzernamen bekommt nie ein anderes Konto.
user-handle-save = Benutzernamen ändern
user-own = Das ist Ihr eigenes Konto. Alles Weitere ändern Sie in { $link-start }Ihrem Profil{ $link-end }.
user-recovery = Zugang wiederherstellen
user-send-reset = Link zum Zurücksetzen senden
user-resend-confirmation = Bestätigungslink noch einmal senden
user-confirm-email = E-Mail-Adresse als bestätigt markieren
user-confirm-email-hint = Markieren Sie die E-Mail-Adresse nur als bestätigt, wenn Sie wissen, dass { $address-start }{ $email }{ $address-end } dieser Person gehört: Apps verlassen sich darauf.
user-confirm-sign-up-hint = Damit ist die Registrierung abgeschlossen. Wer sich registriert hat, kann sich dann mit dem gewählten Passwort anmelden. Wenn Sie nicht sicher sind, dass es diese Person war, löschen Sie die Registrierung und legen Sie das Konto mit { $code-start }{ AUTHFLOW() } user create{ $code-end } an.
user-remove-two-factor = Zwei-Faktor-Authentifizierung ausschalten …
user-enable-hint = Mit diesem Konto kann sich niemand anmelden.
user-enable = Konto aktivieren
user-peril = Gefahrenbereich
user-end-sessions-hint = Das Konto wird überall abgemeldet. Danach kann man sich wieder anmelden.
user-end-sessions = Alle Sitzungen beenden
user-disable-hint = Das Konto wird überall abgemeldet. Niemand kann sich damit anmelden, bis Sie es wieder aktivieren.
user-disable = Konto deaktivieren
user-delete-hint = Das Konto wird mit allen seinen Daten gelöscht. Das lässt sich nicht rückgängig machen.
user-delete = Konto löschen …
user-back = Zurück zum Konto
user-sessions = Sitzungen
user-sessions-empty = Dieses Konto ist nirgends angemeldet.
user-emails = E-Mails
user-emails-empty = Noch keine E-Mails.
user-activity = Letzte Aktivitäten
user-activity-empty = Noch keine Aktivitäten.
user-audit-log = Alle Einträge zu diesem Konto im Audit-Protokoll

## Die Seite eines Kontos, das es nicht gibt

user-gone-title = Konto nicht gefunden
user-gone = Dieses Konto gibt es nicht, oder es wurde gelöscht. Im Audit-Protokoll bleiben seine Einträge erhalten.
user-gone-back = Alle Konten

## Die Seite eines Kontos: was erledigt ist

user-roles-saved = Die Rollen sind gespeichert. Sie gelten, sobald das Konto die nächste Seite aufruft.
user-handle-changed = Der Benutzername ist geändert. Apps erfahren ihn beim nächsten Seitenaufruf des Kontos.
user-approved = Das Konto ist freigegeben. Wir benachrichtigen die Person per E-Mail.
user-disabled = Das Konto ist deaktiviert und überall abgemeldet.
user-enabled = Das Konto ist aktiviert.
user-sessions-ended = Alle Sitzungen dieses Kontos sind beendet.
user-reset-sent = Wir senden den Link zum Zurücksetzen des Passworts.
user-confirmation-sent = Wir senden den Bestätigungslink noch einmal.
user-email-now-confirmed = Die E-Mail-Adresse ist bestätigt.
user-email-confirmed-waiting = Die E-Mail-Adresse ist bestätigt. Das Konto wartet jetzt auf Freigabe.
user-two-factor-removed = Die Zwei-Faktor-Authentifizierung ist für dieses Konto ausgeschaltet. Wir teilen der Person den Grund per E-Mail mit.

## Ein Konto löschen, eine Registrierung ablehnen

user-delete-title = Konto von { $name } löschen?
user-delete-text = Das Konto { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } wird mit allen seinen Daten endgültig gelöscht und überall abgemeldet. Einträge im Audit-Protokoll bleiben erhalten.
user-delete-email = Wir teilen der Person per E-Mail mit, dass die Administration das Konto gelöscht hat.
user-delete-disable = Um jemanden nur vorübergehend auszusperren, deaktivieren Sie stattdessen das Konto.
user-delete-own = Das ist Ihr eigenes Konto. Hier können Sie es nicht löschen. Löschen Sie es { $link-start }in Ihrem Konto{ $link-end }, oder bitten Sie jemand anderen aus der Administration.
user-delete-submit = Konto löschen
user-reject-title = Registrierung von { $name } ablehnen?
user-reject-text = Die Registrierung von { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } wird endgültig gelöscht. Wir teilen der Person per E-Mail mit, dass sie abgelehnt wurde; sie kann sich noch einmal registrieren. Einträge im Audit-Protokoll bleiben erhalten.
user-reject-submit = Registrierung ablehnen

## Die Zwei-Faktor-Authentifizierung eines Kontos ausschalten

user-remove-two-factor-title = Zwei-Faktor-Authentifizierung für { $name } ausschalten?
user-remove-two-factor-text = Für den Fall, dass { $name } ({ $address-start }{ $email }{ $address-end }) keinen Zugriff mehr auf App und Wiederherstellungscodes hat. Danach genügt das Passwort, und das Konto wird überall abgemeldet. Vergewissern Sie sich persönlich oder am Telefon, dass die Bitte wirklich von dieser Person kommt.
user-remove-two-factor-own = Das ist Ihr eigenes Konto. Sie können die Zwei-Faktor-Authentifizierung { $link-start }in Ihrem Konto{ $link-end } ausschalten oder auf ein anderes Gerät übertragen.
user-reason = Grund
user-reason-hint = Wir teilen ihn der Person per E-Mail mit, und das Audit-Protokoll bewahrt ihn auf.
user-reason-missing = Geben Sie einen Grund ein; die Person erfährt ihn per E-Mail.
user-reason-too-long = Der Grund ist zu lang (höchstens { $max } Zeichen).
user-reason-character = Der Grund enthält ein Zeichen, das sich nicht anzeigen lässt. Entfernen Sie es oder geben Sie den Grund noch einmal ein.
user-remove-two-factor-submit = Ausschalten

## Warum eine Aktion der Administration abgelehnt wurde

refused-own-account = Für Ihr eigenes Konto geht das hier nicht. Benutzen Sie Ihr Profil oder die Kommandozeile, oder bitten Sie jemand anderen aus der Administration.
refused-own-role = Sie können sich die Rolle „admin“ nicht selbst entziehen. Bitten Sie jemand anderen aus der Administration, oder führen Sie auf dem Server { $code-start }{ AUTHFLOW() } user roles{ $code-end } aus.
refused-last-administrator = Das ist das letzte Administrationskonto. Geben Sie zuerst einem anderen Konto die Rolle „admin“.
refused-cannot-activate = Diese Registrierung wurde nie bestätigt, und { $code-start }REGISTRATION{ $code-end } lässt sie nicht mehr zu. Legen Sie das Konto stattdessen mit { $code-start }{ AUTHFLOW() } user create{ $code-end } an.
refused-invitation-lost = Die Einladung zu dieser Registrierung wurde verwendet oder widerrufen oder ist abgelaufen. Laden Sie die Person noch einmal ein.
refused-disabled = Dieses Konto ist deaktiviert. Aktivieren Sie es zuerst.
refused-already-disabled = Dieses Konto ist schon deaktiviert.
refused-already-enabled = Dieses Konto ist schon aktiviert.
refused-not-waiting = Dieses Konto wartet nicht auf Freigabe. Vielleicht hat schon jemand anderes aus der Administration entschieden.
refused-no-handle = Dieses Konto hat noch keinen Benutzernamen. Es bekommt einen, sobald es bestätigt und freigegeben ist.
refused-already-confirmed = Diese E-Mail-Adresse ist schon bestätigt.
refused-changed = Dieses Konto hat sich inzwischen geändert. Sehen Sie es sich an und versuchen Sie es noch einmal.
refused-two-factor-off = Für dieses Konto ist die Zwei-Faktor-Authentifizierung schon ausgeschaltet.
refused-address-taken = Mit dieser E-Mail-Adresse gibt es schon ein Konto.
refused-address-reserved = Diese Adresse gehörte bis vor Kurzem zu einem Konto, das jetzt eine andere hat. Sie bleibt eine Woche lang reserviert. Versuchen Sie es später noch einmal.
refused-registration-closed = { $code-start }REGISTRATION{ $code-end } steht auf { $code-start }closed{ $code-end }: Niemand kann sich registrieren, auch nicht mit einer Einladung. Setzen Sie es zuerst auf { $code-start }invite{ $code-end }.
refused-invitation-over = Diese Einladung wurde schon verwendet oder widerrufen.

## Fehler bei Rollen und Benutzernamen

role-too-long = Eine Rolle hat höchstens { $max } Zeichen.
role-invalid = „{ $role }“ ist keine gültige Rolle. Verwenden Sie Buchstaben von a bis z, Ziffern und . _ : / @ + - und trennen Sie Rollen mit Kommas.
role-like-admin = „{ $role }“ sieht aus wie die Rolle „admin“, ist aber eine andere. Geben Sie „admin“ ein oder wählen Sie einen anderen Namen.
handle-missing = Geben Sie einen Benutzernamen ein.
handle-length = Ein Benutzername hat { $min } bis { $max } Zeichen.
handle-space = Ein Benutzername darf keine Leerzeichen enthalten. Verwenden Sie Buchstaben von a bis z, Ziffern, Punkte, Unterstriche und Bindestriche.
handle-character = Ein Benutzername darf „{ $character }“ nicht enthalten. Verwenden Sie Buchstaben von a bis z, Ziffern, Punkte, Unterstriche und Bindestriche.
handle-start = Ein Benutzername beginnt mit einem Buchstaben oder einer Ziffer.
handle-taken = Ein anderes Konto hat diesen Benutzernamen oder hatte ihn früher. Wählen Sie einen anderen.

## Die Liste der E-Mails

emails-about = Thema
emails-state = Status
emails-queued = Erstellt
emails-error = Fehler
emails-retry = Noch einmal versuchen
emails-which = { $kind }, an { $recipient }
emails-retry-all = Alle noch einmal versuchen
emails-failed = { $count ->
    [one] { $count } E-Mail ließ sich nicht senden.
   *[other] { $count } E-Mails ließen sich nicht senden.
}
emails-failed-many = Mehr als { $many } E-Mails ließen sich nicht senden.
emails-retried = { $count ->
    [one] Wir versuchen bis zu einen Tag lang noch einmal, diese E-Mail zu senden.
   *[other] Wir versuchen bis zu einen Tag lang noch einmal, { $count } E-Mails zu senden.
}
emails-none-failed = Keine E-Mail war noch einmal zu versuchen.
emails-empty = Keine E-Mail hat diesen Status.
emails-empty-yet = Noch keine E-Mails. Sie erscheinen hier, sobald authflow eine sendet, zum Beispiel mit einer Einladung.

## Worum es in E-Mails geht, in Listen für die Administration

mail-kind-verify-email = Adresse einer Registrierung bestätigen
mail-kind-verify-account-email = Adresse eines Kontos bestätigen
mail-kind-already-registered = Registrierung mit der Adresse eines Kontos
mail-kind-welcome = Konto ist bereit
mail-kind-reset-password = Link zum Zurücksetzen des Passworts
mail-kind-confirmation-code = Code zur Bestätigung der Identität
mail-kind-password-changed = Passwort geändert
mail-kind-password-set = Passwort festgelegt
mail-kind-confirm-email = Neue Adresse bestätigen
mail-kind-email-taken = Neue Adresse ist schon vergeben
mail-kind-email-change-requested = Änderung der Adresse angefordert
mail-kind-email-changed = Adresse geändert
mail-kind-address-reserved = Versuch, eine frühere Adresse zu verwenden
mail-kind-called-back = Konto hat wieder seine frühere Adresse
mail-kind-new-sign-in = Neue Anmeldung
mail-kind-second-factor-on = Zwei-Faktor-Authentifizierung eingeschaltet
mail-kind-authenticator-replaced = Authenticator-App ersetzt
mail-kind-second-factor-off = Zwei-Faktor-Authentifizierung ausgeschaltet
mail-kind-second-factor-removed = Zwei-Faktor-Authentifizierung von der Administration ausgeschaltet
mail-kind-recovery-codes-renewed = Neue Wiederherstellungscodes
mail-kind-recovery-code-used = Wiederherstellungscode verwendet
mail-kind-codes-refused = Falsche Zwei-Faktor-Codes
mail-kind-passwords-refused = Viele falsche Passwörter
mail-kind-session-copied = Kopierte Sitzung beendet
mail-kind-account-secured = Link zum Zurücksetzen nach „Das war ich nicht“
mail-kind-account-deleted = Konto gelöscht
mail-kind-account-deleted-by-administrator = Konto von der Administration gelöscht
mail-kind-invitation = Einladung
mail-kind-invitation-lost = Die Einladung zu einer Registrierung gilt nicht mehr
mail-kind-sign-up-waits = Neue Konten warten auf Freigabe
mail-kind-sign-up-accepted = Registrierung freigegeben
mail-kind-sign-up-refused = Registrierung abgelehnt
mail-kind-unknown = Unbekannte E-Mail: { $name }

## Der Zustand einer E-Mail

mail-state-waiting = Wartet
mail-state-unknown = Unbekannt: { $name }
mail-state-sent = Gesendet
mail-state-written = In Datei gespeichert
mail-state-failed = Fehlgeschlagen
mail-state-cancelled = Nicht mehr nötig
