## Die Liste der Einladungen

invitations-title = Einladungen
invitations-invite = Jemanden einladen
invitations-anyone = Alle mit dem Link
invitations-maker = Erstellt von
invitations-maker-gone = Gelöschtes Konto
invitations-empty = Noch keine Einladungen. Mit jeder Einladung kann sich eine Person registrieren.

## Der Status einer Einladung

invitation-open = Offen
invitation-used = Verwendet
invitation-revoked = Widerrufen
invitation-expired = Abgelaufen

## Warum eine Einladung automatisch widerrufen wurde

invitation-revoked-demoted = Widerrufen, weil die Person, die sie erstellt hat, nicht mehr zur Administration gehört.
invitation-revoked-disabled = Widerrufen, weil das Konto der Person, die sie erstellt hat, deaktiviert wurde.
invitation-revoked-deleted = Widerrufen, weil das Konto der Person, die sie erstellt hat, gelöscht wurde.
invitation-revoked-not-me = Widerrufen, weil die Person, die sie erstellt hat, einen fremden Zugriff auf ihr Konto gemeldet hat.
invitation-revoked-may-not = Widerrufen, weil die Person, die sie erstellt hat, niemanden mehr einladen darf.

## Die Seite einer Einladung

invitation-title = Einladung
invitation-for = Für
invitation-status = Status
invitation-used-by = Konto ansehen
invitation-created = Erstellt
invitation-created-by = { $time } von { $link-start }{ $name }{ $link-end }
invitation-expires = Gültig bis
invitation-language = Sprache
invitation-link = Einladungslink
invitation-link-hint = Er gilt für eine Person. Geben Sie ihn so vorsichtig weiter wie ein Passwort. Ein Klick markiert ihn.
invitation-revoke = Einladung widerrufen
invitation-revoke-done = Die Einladung ist widerrufen. Ihr Link funktioniert nicht mehr.
invitation-emailed = Die Einladung ist erstellt. Wir senden den Link per E-Mail.
invitation-not-emailed = Die Einladung ist erstellt, aber nicht verschickt: Kopieren Sie den Link und geben Sie ihn weiter.

## Eine Einladung erstellen

invite-title = Jemanden einladen
invite-closed = { $code-start }REGISTRATION{ $code-end } steht auf { $code-start }closed{ $code-end }: Niemand kann sich registrieren, auch nicht mit einer Einladung.
invite-email-hint = Nur diese Adresse kann die Einladung dann verwenden. Ohne Adresse können es alle mit dem Link.
invite-email-missing = Geben Sie die Adresse ein, an die der Link gehen soll, oder geben Sie den Link selbst weiter.
invite-way = So wird der Link übermittelt
invite-by-mail = Per E-Mail an diese Adresse
invite-by-hand = Ich gebe ihn selbst weiter (er steht auf der nächsten Seite)
invite-roles-hint = Rollen für das neue Konto, mit Kommas getrennt. „admin“ macht es zu einem Administrationskonto.
invite-language-hint = Die E-Mail mit der Einladung und die Registrierung sind in dieser Sprache.
invite-language-missing = Wählen Sie eine Sprache aus der Liste.
invite-days = Gültig für
invite-days-missing = Wählen Sie, wann die Einladung abläuft.
invite-submit = Einladung erstellen
