## Jede E-Mail. Die erste Nachricht folgt auf die Anrede „Hallo,“ und beginnt deshalb klein, außer mit „Sie“, „Ihr“ oder einem Substantiv.

email-subject = { $site }: { $about }
email-greeting = Hallo,
email-greeting-by-name = Hallo { $name },
email-footer = Diese E-Mail wurde automatisch versendet. Antworten werden nicht gelesen.
email-footer-support = Diese E-Mail wurde automatisch versendet. Wenn Sie Hilfe brauchen, schreiben Sie an { $email }.
email-button-fallback = Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:
email-time = Zeitpunkt: { $time }
email-ip-address = IP-Adresse: { $address }
email-device = Gerät: { $device }
email-link-lifetime = Der Link funktioniert einmal und ist { $lifetime } gültig.
email-ignore = Wenn Sie das nicht waren, können Sie diese E-Mail ignorieren.
email-ask-why = Wenn Sie den Grund nicht kennen, wenden Sie sich an die Administration von { $site }.

email-not-me = Wenn Sie das nicht waren, sichern Sie jetzt Ihr Konto. Dabei werden alle Geräte abgemeldet, ein vorhandenes Passwort wird deaktiviert, und Sie erhalten per E-Mail einen Link zum Zurücksetzen:
email-not-me-button = Konto sichern
email-not-me-lifetime = Dieser Link ist { $lifetime } gültig. Er meldet niemanden an.

## Registrierung

email-verify-subject = Bestätigen Sie Ihre E-Mail-Adresse
email-verify = vielen Dank für Ihre Registrierung bei { $site }. Öffnen Sie diesen Link, um { $strong-start }{ $email }{ $strong-end } als Ihre Adresse zu bestätigen:
email-confirm-button = E-Mail-Adresse bestätigen
email-verify-not-me = Wenn Sie sich nicht registriert haben, ignorieren Sie diese E-Mail: Ohne den Link lässt sich das Konto nicht nutzen. Um es sofort zu löschen, öffnen Sie den Link und wählen Sie „{ verify-decline-title }“.

email-verify-account = Ihr Konto bei { $site } verwendet die Adresse { $strong-start }{ $email }{ $strong-end }. Öffnen Sie diesen Link, um sie zu bestätigen:
email-verify-account-not-me = Wenn Sie kein Konto bei { $site } haben, ignorieren Sie diese E-Mail. Ohne den Link wird die Adresse nicht bestätigt.

email-already-registered-subject = Sie haben bereits ein Konto
email-already-registered = jemand, vermutlich Sie selbst, wollte sich bei { $site } mit der Adresse { $strong-start }{ $email }{ $strong-end } registrieren. Zu dieser Adresse gibt es bereits ein Konto, daher wurde nichts geändert. Falls Sie Ihr Passwort vergessen haben, können Sie es hier zurücksetzen:
email-forgot-button = Passwort zurücksetzen

email-welcome-subject = Ihr Konto ist bereit
email-welcome = Ihre Adresse { $strong-start }{ $email }{ $strong-end } ist bestätigt, und Ihr Konto bei { $site } ist bereit. Hier können Sie sich anmelden:
email-welcome-not-me = Wenn Sie sich nicht registriert haben, setzen Sie das Passwort über die Anmeldeseite zurück. Damit wird die andere Person abgemeldet, und Sie können das Konto danach löschen.

email-invitation-subject = Sie sind eingeladen
email-invitation = Sie sind eingeladen, ein Konto bei { $site } zu erstellen. Öffnen Sie diesen Link, um sich mit Ihrer Adresse { $strong-start }{ $email }{ $strong-end } zu registrieren:
email-invitation-by = { $name } lädt Sie ein, ein Konto bei { $site } zu erstellen. Öffnen Sie diesen Link, um sich mit Ihrer Adresse { $strong-start }{ $email }{ $strong-end } zu registrieren:
email-invitation-button = Konto erstellen
email-invitation-lifetime = Der Link funktioniert für eine Person und ist { $lifetime } gültig.
email-invitation-unexpected = Wenn Sie nicht wissen, worum es geht, ignorieren Sie diese E-Mail. Es wurde kein Konto erstellt, und wir schreiben Ihnen nicht noch einmal.

email-invitation-lost-subject = Ihre Einladung ist nicht mehr gültig
email-invitation-lost = Sie haben sich mit einer Einladung und der Adresse { $strong-start }{ $email }{ $strong-end } bei { $site } registriert. Die Einladung wurde inzwischen von jemand anderem verwendet oder widerrufen, daher konnte Ihr Konto nicht erstellt werden.
email-invitation-lost-next = Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung, und registrieren Sie sich damit.
email-invitation-lost-not-me = Wenn Sie sich nicht registriert haben, können Sie diese E-Mail ignorieren.

email-approval-needed-subject = { $count ->
    [one] { $count } neues Konto wartet auf Ihre Freigabe
   *[other] { $count } neue Konten warten auf Ihre Freigabe
}
email-approval-needed = neue Konten bei { $site } können erst genutzt werden, wenn Sie oder jemand anderes aus der Administration sie freigeben.
email-approval-needed-who = Zur Freigabe: { $more ->
    [0] { $email }
    [one] { $email } und { $more } weiteres
   *[other] { $email } und { $more } weitere
}
email-approval-needed-button = Konten prüfen

email-approved-subject = Ihr Konto wurde freigegeben
email-approved = die Administration von { $site } hat Ihr Konto { $strong-start }{ $email }{ $strong-end } freigegeben. Hier können Sie sich anmelden:

email-declined-subject = Ihre Registrierung wurde abgelehnt
email-declined = die Administration von { $site } hat Ihre Registrierung mit der Adresse { $strong-start }{ $email }{ $strong-end } abgelehnt. Ihre Angaben wurden gelöscht.

## Passwörter

email-reset-subject = Passwort zurücksetzen
email-reset = für { $strong-start }{ $email }{ $strong-end } bei { $site } wurde ein neues Passwort angefordert. Öffnen Sie diesen Link, um es festzulegen:
email-reset-by-administrator = die Administration von { $site } bittet Sie, ein neues Passwort für Ihr Konto { $strong-start }{ $email }{ $strong-end } festzulegen. Öffnen Sie dazu diesen Link:
email-reset-button = Neues Passwort festlegen
email-reset-not-me = Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail. Ihr Passwort bleibt unverändert.
email-reset-unexpected = Wenn Sie nichts ändern möchten, ignorieren Sie diese E-Mail. Ohne den Link bleibt alles, wie es ist.

email-code-subject = Ihr Bestätigungscode
email-code = um zu bestätigen, dass Sie es sind, geben Sie diesen Code für Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } ein:
email-code-rules = Geben Sie ihn in dem Browser ein, in dem Sie ihn angefordert haben. Er funktioniert einmal und ist ab der Anforderung { $lifetime } gültig. Geben Sie ihn nicht weiter: Wir fragen nie per Telefon, Chat oder E-Mail danach.
email-code-not-me = Wenn Sie keinen Code angefordert haben, ist jemand anderes in Ihrem Konto angemeldet.

email-password-changed-subject = Ihr Passwort wurde geändert
email-password-changed = das Passwort Ihres Kontos { $strong-start }{ $email }{ $strong-end } bei { $site } wurde geändert. Andere Geräte wurden abgemeldet.

email-password-set-subject = Ein Passwort wurde festgelegt
email-password-set = Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } hatte kein Passwort und hat jetzt eines. Alle anderen Geräte wurden abgemeldet.

email-passwords-refused-subject = Viele falsche Passwörter für Ihr Konto
email-passwords-refused = jemand hat innerhalb eines Tages mehr als 50 falsche Passwörter für Ihr Konto { $strong-start }{ $email }{ $strong-end } bei { $site } ausprobiert, und zwar in Browsern, die wir nicht kennen. Die Anmeldung ist nicht gelungen. Weitere Versuche bremsen wir aus. Browser, in denen Sie sich schon einmal angemeldet haben, sind nicht betroffen.
email-passwords-refused-address = IP-Adresse des letzten Versuchs: { $address }
email-passwords-refused-next = Wenn Sie ein starkes Passwort haben, das Sie nur hier verwenden, brauchen Sie nichts zu tun. Legen Sie andernfalls ein neues fest:

email-secured-subject = Neues Passwort festlegen, um sich wieder anzumelden
email-secured = Sie haben uns mitgeteilt, dass Sie Aktivitäten in Ihrem Konto { $strong-start }{ $email }{ $strong-end } bei { $site } nicht wiedererkennen. Alle Geräte wurden abgemeldet. Das alte Passwort, falls es eines gab, funktioniert nicht mehr. Hier können Sie ein neues festlegen:
email-secured-lifetime = Der Link funktioniert einmal und ist { $lifetime } gültig. Falls er abgelaufen ist, fordern Sie einen neuen an:
email-secured-next = Prüfen Sie nach der Anmeldung die Sitzungen und die Aktivitäten Ihres Kontos.
email-secured-not-me = Wenn die Mitteilung nicht von Ihnen kam, liest jemand anderes Ihre E-Mails. Ändern Sie zuerst das Passwort Ihres Postfachs.
