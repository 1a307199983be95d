## Texte anderer Dateien, bis diese da sind

name-label = Name
new-password-label = Neues Passwort
repeat-new-password-label = Neues Passwort wiederholen
new-password-hint = Mindestens { $min } Zeichen. Ein paar ungewöhnliche Wörter ergeben ein starkes Passwort, das Sie sich leicht merken können.
reset-password-title = Passwort zurücksetzen
code-label = Code
code-hint = Der Code aus Ihrer Authenticator-App oder ein Wiederherstellungscode.
signed-out = Sie sind abgemeldet.
back-to-sign-in = Zurück zur Anmeldung
back-to-dashboard = Zurück zur Übersicht
request-new-link = Neuen Link anfordern
