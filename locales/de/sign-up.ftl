## Ein Konto erstellen

sign-up-title = Konto erstellen
sign-up-invited = Sie sind zu { $site } eingeladen. Wählen Sie einen Namen und ein Passwort.
sign-up-needs-approval = Neue Konten müssen von der Administration freigegeben werden. Wir schreiben Ihnen, sobald darüber entschieden ist.
name-label = Name
name-hint = Diesen Namen sehen andere. Sie können ihn später ändern.
sign-up-submit = Konto erstellen
sign-up-sign-in = Sie haben schon ein Konto? { $link-start }Anmelden{ $link-end }
sign-up-email-taken = Zu dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich stattdessen an.
sign-up-welcome = Willkommen! Ihr Konto ist bereit.
sign-up-closed = Die Registrierung ist geschlossen. Wenn Sie ein Konto brauchen, wenden Sie sich an die Administration.
sign-up-by-invitation = Die Registrierung ist nur mit Einladung möglich. Öffnen Sie den Link in Ihrer Einladung oder bitten Sie die Administration um eine.
sign-up-again = Noch einmal registrieren
invitation-gone = Diese Einladung wurde schon verwendet oder widerrufen, oder sie ist abgelaufen. Bitten Sie die Person, die Sie eingeladen hat, um eine neue.
invitation-for-another = Diese Einladung gilt für eine andere E-Mail-Adresse. Geben Sie die Adresse ein, an die sie geschickt wurde.
already-signed-in-title = Sie sind schon angemeldet
invitation-signed-in = Sie sind angemeldet, haben also schon ein Konto. Um mit dieser Einladung ein weiteres zu erstellen, melden Sie sich zuerst ab.
invitation-lost = Die Einladung, mit der Sie sich registriert haben, wurde von jemand anderem verwendet oder widerrufen. Deshalb kann dieses Konto nicht aktiviert werden. Registrieren Sie sich noch einmal ohne Einladung, oder bitten Sie die Person, die Sie eingeladen hat, um eine neue. Wenn Sie schon ein Konto haben, melden Sie sich an.
invitation-lost-need-new = Die Einladung, mit der Sie sich registriert haben, wurde von jemand anderem verwendet oder widerrufen. Deshalb kann dieses Konto nicht aktiviert werden. Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung und registrieren Sie sich damit. Wenn Sie schon ein Konto haben, melden Sie sich an.

## Nach der Registrierung oder dem Anfordern eines Links

check-email-title = Sehen Sie in Ihrem Postfach nach
check-email = Wenn diese Adresse hier verwendet werden kann, haben wir Ihnen einen Link geschickt. Öffnen Sie ihn, um fortzufahren.
check-email-development = Es werden keine E-Mails verschickt (Entwicklungsmodus). { $link-start }Postfach öffnen{ $link-end }
check-email-nothing-title = Nach ein paar Minuten noch keine E-Mail?
check-email-spam = Sehen Sie im Spam-Ordner nach.
check-email-typos = Prüfen Sie die Adresse auf Tippfehler und { $register-start }registrieren Sie sich{ $register-end } noch einmal oder { $reset-start }setzen Sie Ihr Passwort noch einmal zurück{ $reset-end }.
check-email-typos-reset = Prüfen Sie die Adresse auf Tippfehler. Öffnen Sie dann Ihre Einladung noch einmal, oder { $link-start }setzen Sie Ihr Passwort noch einmal zurück{ $link-end }.
check-email-limits = Wir begrenzen, wie viele E-Mails für eine Adresse oder aus einem Netzwerk angefordert werden können. Wenn Sie es mehrmals versucht haben, warten Sie eine Stunde und versuchen Sie es dann noch einmal.

## Warten auf die Freigabe

approval-title = Warten auf Freigabe
approval-pending = Die Administration von { $site } muss Ihr Konto noch freigeben. Sie haben alles erledigt: Wir schreiben Ihnen, sobald darüber entschieden ist.
approval-then = Wenn Ihr Konto freigegeben ist, melden Sie sich mit E-Mail-Adresse und Passwort an.

## Die E-Mail-Adresse bestätigen

verify-title = E-Mail-Adresse bestätigen
verify-intro = Bestätigen Sie, dass { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } Ihre Adresse ist, um die Registrierung abzuschließen.
verify-intro-account = Bestätigen Sie, dass { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end } Ihre Adresse ist.
verify-password-hint = Geben Sie zur Bestätigung Ihr Passwort ein.
verify-password-elsewhere-hint = Sie haben sich in einem anderen Browser registriert. Geben Sie deshalb das Passwort ein, das Sie gewählt haben (das letzte, falls Sie sich mehrmals registriert haben).
verify-password-wrong = Falsches Passwort. Geben Sie das Passwort ein, das Sie bei der Registrierung gewählt haben.
verify-submit = Bestätigen und anmelden
verify-submit-only = E-Mail-Adresse bestätigen
verify-confirmed = Ihre E-Mail-Adresse ist bestätigt.
verify-welcome = Willkommen! Ihre E-Mail-Adresse ist bestätigt, und Sie sind angemeldet.
verify-decline-title = Ich habe mich nicht registriert
verify-decline-intro = Jemand anderes hat Ihre Adresse eingegeben. Sie können das unbestätigte Konto löschen.
verify-decline-check = Ich habe mich nicht mit dieser Adresse registriert
verify-decline-submit = Konto löschen
verify-decline-unchecked = Setzen Sie das Häkchen, wenn Sie sich nicht registriert haben.
verify-declined = Das Konto wurde gelöscht. Danke für den Hinweis.
verify-gone = Dieser Link ist abgelaufen oder wurde schon verwendet. Wenn Ihre Adresse bereits bestätigt ist, melden Sie sich einfach an.
verify-gone-sign-in = Wenn nicht, melden Sie sich trotzdem mit der E-Mail-Adresse und dem Passwort an, die Sie gewählt haben. Dann schicken wir Ihnen einen neuen Link.
verify-gone-signed-in = Dieser Link ist abgelaufen oder wurde schon verwendet. Auf der Seite mit Ihren Apps sehen Sie, ob Ihre E-Mail-Adresse bestätigt ist.

## Das erste Administrationskonto

first-administrator-title = Erstes Administrations{ "\u00AD" }konto erstellen
first-administrator-intro = { $site } hat noch kein Administrationskonto. Mit diesem verwalten Sie Konten und Einladungen.
first-administrator-email-hint = An diese Adresse schicken wir Links zum Zurücksetzen und Hinweise. Es gibt keine Bestätigungs-E-Mail: Prüfen Sie die Adresse auf Tippfehler.
first-administrator-submit = Administrationskonto erstellen
first-administrator-welcome = Willkommen! Sie verwalten jetzt diese Website.
first-administrator-link-gone = Dieser Link funktioniert nicht. Er gilt einmal, 24 Stunden lang, und nur, bis es ein Administrationskonto gibt. Wenn Sie ein Konto haben, melden Sie sich an. Wenn es noch kein Administrationskonto gibt, starten Sie authflow neu: Dann wird ein neuer Link ausgegeben.
first-administrator-exists = Diese Website hat inzwischen ein Administrationskonto, deshalb funktioniert dieser Link nicht mehr. Wenn Sie ein Konto haben, melden Sie sich an.
first-administrator-taken = Zu dieser Adresse gibt es schon ein Konto. Um es zum Administrationskonto zu machen, führen Sie aus: { $code-start }{ $command }{ $code-end }
first-administrator-signed-in = Sie sind als { $address-start }{ $email }{ $address-end } angemeldet. Um dieses Konto zum Administrationskonto zu machen, führen Sie aus: { $code-start }{ $command }{ $code-end }. Um ein eigenes Konto für die Administration zu erstellen, melden Sie sich ab und öffnen Sie den Link noch einmal.
sign-up-email-reserved = Diese Adresse gehörte bis vor Kurzem zu einem Konto, das noch zu ihr zurückkehren kann. Verwenden Sie eine andere Adresse.
