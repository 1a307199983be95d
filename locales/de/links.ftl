## Ein Link aus einer E-Mail, dem das Ende fehlt

link-incomplete-title = Dieser Link ist unvollständig
link-incomplete = Das Ende des Links fehlt. Wahrscheinlich wurde er beim Öffnen oder Kopieren abgeschnitten. Gehen Sie dorthin zurück, wo Sie ihn gefunden haben, und kopieren Sie den ganzen Link in die Adresszeile Ihres Browsers.
link-incomplete-verify = Falls das nicht hilft, melden Sie sich mit der E-Mail-Adresse und dem Passwort an, die Sie gewählt haben. Dann schicken wir Ihnen einen neuen Link.
link-incomplete-request = Falls das nicht hilft, fordern Sie einen neuen Link an.
link-incomplete-invitation = Falls das nicht hilft, bitten Sie die Person, die Sie eingeladen hat, Ihnen den Link noch einmal zu schicken.
link-incomplete-first-administrator = Falls das nicht hilft, starten Sie authflow neu: Der Link wird dann noch einmal ausgegeben.
link-incomplete-not-me = Falls das nicht hilft, fordern Sie einen Link zum Zurücksetzen an. Mit einem neuen Passwort werden Sie überall abgemeldet.
request-new-link = Neuen Link anfordern
