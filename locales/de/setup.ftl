## Der Kasten auf der Übersicht der Administration, mit den Schritten, die eine neue Installation vervollständigen

setup-title = Einrichtung abschließen
setup-dismiss = Ausblenden
setup-public-url = Öffentliche Adresse
setup-public-url-text = Diese Website hat die Adresse { $address-start }{ $url }{ $address-end }. Damit andere Geräte sie erreichen, stellen Sie einen Reverse-Proxy mit HTTPS davor und setzen Sie { $code-start }PUBLIC_URL{ $code-end } auf dessen https-Adresse.
setup-email = E-Mail
setup-email-files-text = E-Mails werden in Dateien geschrieben. Um sie zu senden, setzen Sie { $code-start }MAIL_TRANSPORT{ $code-end } auf { $code-start }smtp{ $code-end } oder { $code-start }resend{ $code-end } und rufen Sie { $code-start }{ AUTHFLOW() } mail test --to { $email }{ $code-end } auf.
setup-email-failing-text = Zurzeit lassen sich keine E-Mails senden. Den Grund nennt die { $link-start }Systemprüfung{ $link-end }.
setup-first-app = Erste App
setup-first-app-text = Das Gate schützt noch keine App. Nehmen Sie die Adresse einer App in { $code-start }GATE_ORIGINS{ $code-end } auf. { $code-start }{ AUTHFLOW() } proxy nginx --app URL --upstream ADDR{ $code-end } gibt die Konfiguration des Proxys aus.
setup-second-factor = Zwei-Faktor-Authentifizierung
setup-second-factor-text = Ein gestohlenes Passwort genügt, um sich in Ihrem Konto anzumelden. { $link-start }Schalten Sie die Zwei-Faktor-Authentifizierung ein{ $link-end }.
setup-backup = Backup
# $page: die Seite der Dokumentation
setup-backup-text = authflow kennt kein aktuelles Backup. Wie Sie Backups erstellen, steht in { $code-start }{ $page }{ $code-end }. Wenn Sie ein anderes Programm für Backups verwenden, blenden Sie diesen Schritt aus.
