## Formulare

form-problems = { $count ->
    [one] Bitte prüfen Sie diese Angabe
   *[other] Bitte prüfen Sie diese { $count } Angaben
}
form-expired = Diese Seite war abgelaufen, deshalb wurde nichts gespeichert. Ihre Eingaben sind noch da, nur Passwörter nicht. Bitte senden Sie das Formular noch einmal ab. Wenn das öfter passiert, erlauben Sie Cookies für diese Website.
email-label = E-Mail-Adresse
password-label = Passwort
password-repeat-missing = Geben Sie das Passwort noch einmal ein.
passwords-differ = Die Passwörter stimmen nicht überein.
password-wrong = Das ist nicht Ihr Passwort.
code-missing = Geben Sie den Code ein.
code-wrong = Dieser Code ist falsch. Jeder Code gilt nur einmal und nur kurze Zeit: Geben Sie den neuesten aus Ihrer App ein. Wenn keiner funktioniert, prüfen Sie die Uhrzeit Ihres Geräts.
recovery-code-wrong = Dieser Wiederherstellungscode ist falsch. Prüfen Sie ihn auf Tippfehler. Jeder Code gilt nur einmal: Wenn Sie diesen schon verwendet haben, nehmen Sie einen anderen.
too-many-attempts = Zu viele Versuche. Nächster Versuch in: { $wait }.
too-many-codes = Zu viele Codes ausprobiert. Nächster Versuch in: { $wait }.
too-many-codes-sent = Zu viele Codes verschickt. Nächster Versuch in: { $wait }.
too-many-emails = Zu viele E-Mails verschickt. Nächster Versuch in: { $wait }.
too-many-email-changes = Zu viele Änderungen der E-Mail-Adresse. Nächster Versuch in: { $wait }.
too-many-sign-ups = Zu viele Registrierungen aus Ihrem Netzwerk. Nächster Versuch in: { $wait }.
