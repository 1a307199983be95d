## An- und Abmelden

sign-in-title = Anmelden
sign-in = Anmelden
sign-out = Abmelden
email-or-handle-label = E-Mail-Adresse oder Benutzername
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-new-here = Noch kein Konto? { $link-start }Konto erstellen{ $link-end }
sign-in-wrong = E-Mail-Adresse, Benutzername oder Passwort ist falsch, oder das Konto ist deaktiviert. Wenn Sie Ihre E-Mail-Adresse noch nicht bestätigt haben, sehen Sie in Ihrem Postfach nach: Vielleicht haben wir gerade einen neuen Link geschickt.
sign-in-continue = Melden Sie sich an, um zu { $app } zu gelangen.
sign-in-to-see = Melden Sie sich an, um diese Seite zu sehen.
sign-in-unsaved = Sie wurden abgemeldet, deshalb sind Ihre Änderungen nicht gespeichert. Melden Sie sich an und senden Sie sie noch einmal ab.
too-many-sign-ins = Zu viele Anmeldeversuche. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
forgot-password = Passwort vergessen?
signed-out = Sie sind abgemeldet.
back-to-sign-in = Zurück zur Anmeldung
back-to-dashboard = Zurück zu Ihren Apps

## Abmelden

sign-out-question = Abmelden?
sign-out-now = Jetzt abmelden
sign-out-scope = Mit dem Abmelden endet diese Sitzung hier und in allen Apps, die Sie mit ihr geöffnet haben.

## Der Code bei der Anmeldung

sign-in-code-title = Zwei-Faktor-Code
sign-in-code-completes = Sie sind als { $address-start }{ $email }{ $address-end } angemeldet, haben in dieser Sitzung aber noch keinen Code eingegeben. Geben Sie einen ein, um fortzufahren.
sign-in-code-for = Sie melden sich als { $strong-start }{ $address-start }{ $name }{ $address-end }{ $strong-end } an.
sign-in-code-hint = 6 Ziffern aus Ihrer Authenticator-App.
sign-in-code-no-app = Ich kann meine App nicht benutzen
sign-in-code-recovery = Verwenden Sie einen der Wiederherstellungscodes, die Sie beim Einrichten der Zwei-Faktor-Authentifizierung gespeichert haben. Jeder Code gilt nur einmal. Wenn Sie weder die App noch die Codes haben, wenden Sie sich an die Administration.
recovery-code-label = Wiederherstellungscode
recovery-code-hint = 6 Gruppen aus je 4 Buchstaben und Ziffern, mit oder ohne Bindestriche.
sign-in-with-recovery-code = Mit Wiederherstellungscode anmelden
continue-with-recovery-code = Mit Wiederherstellungscode fortfahren
sign-in-as-other = Mit einem anderen Konto anmelden
sign-in-started-over = Das hat zu lange gedauert, oder Ihr Konto wurde inzwischen geändert. Melden Sie sich noch einmal an.
recovery-code-used = { $left ->
    [0] Das war Ihr letzter Wiederherstellungscode. Erstellen Sie jetzt neue.
    [one] Sie haben einen Wiederherstellungscode verwendet. Es ist noch { $left } übrig.
   *[other] Sie haben einen Wiederherstellungscode verwendet. Es sind noch { $left } übrig.
}

## Bestätigen vor wichtigen Änderungen

confirm-password-title = Passwort bestätigen
confirm-identity-title = Identität bestätigen
confirm-why = Zum Schutz Ihres Kontos fragen wir vor wichtigen Änderungen danach.
confirm-password-hint = Das Passwort von { $email }.
confirm-done = Bestätigt. Sie können fortfahren. Bisher wurde nichts geändert.
confirm-has-password = Ihr Konto hat ein Passwort. Bestätigen Sie stattdessen dieses.
emailed-code-why = Zum Schutz Ihres Kontos fragen wir vor wichtigen Änderungen nach einem Code. Wir schicken ihn an { $email }. Er gilt { $lasts } und nur in diesem Browser.
emailed-code-enter = Geben Sie den Code ein, den wir an { $email } geschickt haben. Er gilt { $lasts } und nur in diesem Browser.
emailed-code-hint = 8 Ziffern.
emailed-code-send = Code senden
emailed-code-send-again = Neuen Code senden
emailed-code-sent = Wir haben Ihnen einen Code per E-Mail geschickt.
emailed-code-missing = Geben Sie den Code aus der E-Mail ein.
emailed-code-malformed = Geben Sie die 8 Ziffern aus der E-Mail ein.
emailed-code-wrong = Dieser Code ist falsch. Geben Sie den Code aus der neuesten E-Mail ein. { $left ->
    [one] Sie haben noch { $left } Versuch.
   *[other] Sie haben noch { $left } Versuche.
}
emailed-code-wrong-last = Dieser Code ist falsch, und das war der letzte Versuch. Lassen Sie sich einen neuen Code senden.
emailed-code-expired = Dieser Code gilt in diesem Browser nicht mehr. Lassen Sie sich einen neuen Code senden.

## Zurück zur gewünschten Seite

return-address-expired = Wir haben uns die Adresse der gewünschten Seite nur einen Tag lang gemerkt. Öffnen Sie die Seite noch einmal.
return-address-too-long = Die Adresse der gewünschten Seite ist länger als 8 KiB, deshalb können wir Sie nicht dorthin zurückbringen. Melden Sie sich an und öffnen Sie die Seite dann noch einmal.
return-address-too-many = Die Adresse der gewünschten Seite ist sehr lang, und aus Ihrem Netzwerk wurden in der letzten Stunde zu viele solcher Seiten aufgerufen. Wir können Sie nicht dorthin zurückbringen. Melden Sie sich an und öffnen Sie die Seite dann noch einmal.
return-address-leave = Ohne diese Adresse fortfahren

## Warum eine Sitzung beendet wurde

sign-in-again = Noch einmal anmelden
session-copied = Wir haben diese Sitzung beendet, weil eine alte Kopie ihres Cookies verwendet wurde. Vielleicht hat jemand die Daten dieses Browsers kopiert, oder sie stammen aus einem Backup. Melden Sie sich noch einmal an. Falls Sie das nicht erwartet haben, prüfen Sie Ihre Sitzungen und ändern Sie Ihr Passwort, wenn Sie eines haben.
session-ended-password-reset = Sie wurden abgemeldet, weil Ihr Passwort zurückgesetzt wurde. Melden Sie sich mit dem neuen an.
session-ended-password-changed = Sie wurden abgemeldet, weil Ihr Konto ein neues Passwort hat. Melden Sie sich damit an.
session-ended-email-changed = Sie wurden abgemeldet, weil die E-Mail-Adresse Ihres Kontos geändert wurde. Melden Sie sich mit der neuen an.
session-ended-second-factor-changed = Sie wurden abgemeldet, weil die Zwei-Faktor-Authentifizierung in einem anderen Browser geändert wurde. Melden Sie sich noch einmal an.
session-ended-from-another = Sie haben diese Sitzung in einem anderen Browser beendet. Melden Sie sich noch einmal an, um fortzufahren.
session-ended-secured = Jemand mit Zugriff auf Ihre E-Mails hat Aktivitäten in Ihrem Konto nicht wiedererkannt. Deshalb wurden alle Sitzungen beendet. Falls Ihr Konto ein Passwort hatte, gilt es nicht mehr: Setzen Sie es zurück und melden Sie sich dann an.
session-ended-made-room = Sie wurden abgemeldet, weil Ihr Konto auf zu vielen anderen Geräten angemeldet war. Melden Sie sich noch einmal an.
session-ended-by-administrator = Die Administration hat Sie abgemeldet. Sie können sich wieder anmelden.
session-ended-account-disabled = Ihr Konto wurde deaktiviert. Wenn Sie das für einen Irrtum halten, wenden Sie sich an die Administration.
administrators-only = Diese Seite ist der Administration vorbehalten.
