## Formulare

form-problems = { $count ->
    [one] Bitte prüfen Sie diese Angabe
   *[other] Bitte prüfen Sie diese { $count } Angaben
}
form-optional = (optional)
form-expired = Diese Seite war abgelaufen, deshalb ist nichts passiert. Ihre Eingaben sind noch da, nur Passwörter und Codes nicht. Bitte senden Sie das Formular noch einmal ab. Wenn das öfter passiert, erlauben Sie Cookies für diese Website.
email-label = E-Mail-Adresse
password-label = Passwort
password-repeat-missing = Geben Sie das Passwort noch einmal ein.
passwords-differ = Die Passwörter stimmen nicht überein.
password-wrong = Das ist nicht Ihr Passwort.
code-missing = Geben Sie den Code ein.
code-wrong = Dieser Code ist falsch. Geben Sie den neuesten Code aus Ihrer App ein.
recovery-code-wrong = Dieser Wiederherstellungscode ist falsch oder wurde schon verwendet. Prüfen Sie ihn auf Tippfehler oder geben Sie einen anderen ein.
too-many-attempts = Zu viele Versuche. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
too-many-codes = Zu viele Codes ausprobiert. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
too-many-codes-sent = Zu viele Codes verschickt. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
too-many-emails = Zu viele E-Mails verschickt. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
too-many-email-changes = Zu viele Änderungen der E-Mail-Adresse. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
too-many-sign-ups = Zu viele Registrierungen aus Ihrem Netzwerk. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
confirm = Bestätigen
cancel = Abbrechen
go-on = Weiter
code-label = Code
code-hint = Der Code aus Ihrer Authenticator-App oder ein Wiederherstellungscode.
code-malformed = Geben Sie die 6 Ziffern aus Ihrer App oder einen Ihrer Wiederherstellungscodes ein.
email-missing = Geben Sie eine E-Mail-Adresse ein.
email-malformed = Geben Sie eine E-Mail-Adresse in der Form name@example.org ein.
email-too-long = Diese E-Mail-Adresse ist zu lang (höchstens 64 Zeichen vor dem @ und 254 insgesamt).
email-character = Diese E-Mail-Adresse enthält { $character } nach „{ $before }“. Geben Sie eine Adresse in der Form name@example.org ein.
email-character-first = Diese E-Mail-Adresse enthält { $character } am Anfang. Geben Sie eine Adresse in der Form name@example.org ein.
email-unsupported = Wir können an diese Adresse keine E-Mails schicken, denn sie enthält { $character } nach „{ $before }“. Verwenden Sie eine Adresse mit einfachen Buchstaben (a bis z), Ziffern und Zeichen wie . _ + - vor dem @.
email-unsupported-first = Wir können an diese Adresse keine E-Mails schicken, denn sie enthält { $character } am Anfang. Verwenden Sie eine Adresse mit einfachen Buchstaben (a bis z), Ziffern und Zeichen wie . _ + - vor dem @.
email-or-handle-missing = Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein.
email-or-handle-malformed = Geben Sie Ihre E-Mail-Adresse in der Form name@example.org oder Ihren Benutzernamen ein.
name-missing = Geben Sie einen Namen ein.
name-too-long = Dieser Name ist zu lang (höchstens { $most } Zeichen).
name-unprintable = Dieser Name enthält { $character }. Entfernen Sie das Zeichen oder geben Sie den Namen neu ein.

## Namen von Zeichen, im Akkusativ: Diese Adresse enthält ein Leerzeichen.

character-space = ein Leerzeichen
character-no-break-space = ein geschütztes Leerzeichen
character-full-width-space = ein breites Leerzeichen
character-tab = einen Tabulator
character-line-break = einen Zeilenumbruch
character-control = ein Steuerzeichen
character-invisible = ein unsichtbares Zeichen
character-comma = ein Komma
character-semicolon = ein Semikolon
character-colon = einen Doppelpunkt
character-full-stop = einen Punkt
character-second-at = ein zweites At-Zeichen
character-quotation-mark = ein Anführungszeichen
character-bracket = eine Klammer
character-other = das Zeichen
character-unseen = { $name } ({ $code })
character-seen = { $name } „{ $character }“
character-seen-with-code = { $name } „{ $character }“ ({ $code })
