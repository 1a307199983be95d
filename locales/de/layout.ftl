## Auf jeder Seite

error-title = Fehler: { $title }
layout-notice = Hinweis
layout-skip = Zum Inhalt springen
layout-main = Hauptnavigation
layout-account = Konto
layout-language = Sprache
layout-doubled-cookie = Ihr Browser hat zwei Cookies mit dem Namen { $code-start }{ $cookie }{ $code-end } gesendet. Deshalb gilt keines von beiden, und die Anmeldung klappt möglicherweise nicht. Löschen Sie in den Einstellungen Ihres Browsers die Cookies dieser Website und ihrer übergeordneten Domain und versuchen Sie es noch einmal. Wenn das wieder passiert, setzt eine andere Website auf derselben Domain dieses Cookie. Wenden Sie sich dann an die Administration.
dashboard-title = Apps
profile-title = Profil
label-of = { $label }: { $name }
two-sentences = { $first } { $second }

layout-support = Hilfe: { $link-start }{ $email }{ $link-end }

## Die Wahl zwischen hell und dunkel in der Fußzeile

layout-theme = Darstellung:
layout-theme-system = System
layout-theme-light = Hell
layout-theme-dark = Dunkel
theme-unknown = Diese Darstellung gibt es nicht. Gehen Sie zurück und wählen Sie noch einmal.
theme-expired = Diese Seite war abgelaufen, deshalb wurde die Darstellung nicht geändert. Gehen Sie zurück und wählen Sie noch einmal. Wenn das öfter passiert, erlauben Sie Cookies für diese Website.

## Die Wahl der Sprache in der Fußzeile

layout-language-choice = Sprache:
language-unknown = In dieser Sprache gibt es diese Website nicht. Gehen Sie zurück und wählen Sie eine andere.
language-expired = Diese Seite war abgelaufen, deshalb wurde die Sprache nicht geändert. Gehen Sie zurück und wählen Sie sie noch einmal. Wenn das öfter passiert, erlauben Sie Cookies für diese Website.
footer-back = Zurück
