## Ein Passwort wählen

new-password-label = Neues Passwort
repeat-password-label = Passwort wiederholen
repeat-new-password-label = Neues Passwort wiederholen
new-password-hint = Mindestens { $min } Zeichen. Ein paar ungewöhnliche Wörter ergeben ein starkes Passwort, das Sie sich leicht merken können.
password-enter-again = Bitte geben Sie es noch einmal ein.
password-was-strong = Es war schwer zu erraten.
password-was-very-strong = Es war sehr schwer zu erraten.
new-password-submit = Passwort speichern
password-missing = Geben Sie ein Passwort ein.
password-current-missing = Geben Sie Ihr aktuelles Passwort ein.
password-too-long = Dieses Passwort ist zu lang (höchstens { $most } Zeichen).
password-too-short = Verwenden Sie mindestens { $min } Zeichen.
password-lost = Dieses Passwort gilt nicht mehr, weil es jemand anderes kennen könnte. Wählen Sie ein anderes.
password-strong = Das neue Passwort ist schwer zu erraten.
password-very-strong = Das neue Passwort ist sehr schwer zu erraten.
password-same = Das ist Ihr aktuelles Passwort. Wählen Sie ein anderes.

## Ein Passwort, das leicht zu erraten ist

password-weak = Dieses Passwort ist zu leicht zu erraten.
password-weak-keyboard-row = Tastenreihen sind leicht zu erraten.
password-weak-keyboard-pattern = Kurze Tastaturmuster sind leicht zu erraten.
password-weak-repeat = Wiederholungen wie „aaa“ sind leicht zu erraten.
password-weak-repeated-group = Wiederholungen wie „abcabcabc“ sind kaum besser als „abc“.
password-weak-top-10 = Es ist eines der zehn häufigsten Passwörter.
password-weak-top-100 = Es ist eines der hundert häufigsten Passwörter.
password-weak-common = Es ist ein sehr häufiges Passwort.
password-weak-similar = Es ähnelt einem häufigen Passwort.
password-weak-sequence = Folgen wie „abc“ oder „6543“ sind leicht zu erraten.
password-weak-year = Jahreszahlen aus jüngerer Zeit sind leicht zu erraten.
password-weak-word = Ein einzelnes Wort ist leicht zu erraten.
password-weak-date = Datumsangaben sind leicht zu erraten.
password-weak-name = Ein Name allein ist leicht zu erraten.
password-weak-common-name = Häufige Namen sind leicht zu erraten.
password-advice-words = Verwenden Sie ein paar Wörter, die keine gängige Redewendung sind.
password-advice-no-symbols = Sonderzeichen, Ziffern oder Großbuchstaben sind nicht nötig.
password-advice-more-words = Fügen Sie noch ein oder zwei ungewöhnliche Wörter hinzu.
password-advice-capitals = Großbuchstaben helfen kaum.
password-advice-all-capitals = Nur Großbuchstaben sind fast so leicht zu erraten wie nur Kleinbuchstaben.
password-advice-reversed = Rückwärts geschriebene Wörter sind kaum besser.
password-advice-substitutions = Ersetzungen wie „@“ für „a“ helfen kaum.
password-advice-longer-pattern = Verwenden Sie ein längeres Tastaturmuster mit mehr Richtungswechseln.
password-advice-repeats = Vermeiden Sie wiederholte Wörter und Zeichen.
password-advice-sequences = Vermeiden Sie Folgen.
password-advice-years = Vermeiden Sie Jahreszahlen aus jüngerer Zeit.
password-advice-own-years = Vermeiden Sie Jahreszahlen, die mit Ihnen zu tun haben.
password-advice-own-dates = Vermeiden Sie Daten und Jahreszahlen, die mit Ihnen zu tun haben.

## Einen Link zum Zurücksetzen anfordern

forgot-password-intro = Geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, mit dem Sie Ihr Passwort zurücksetzen können.
forgot-password-send = Link senden

## Die Seite hinter dem Link

reset-password-title = Passwort zurücksetzen
reset-password-intro = Wählen Sie ein neues Passwort für { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }. Dadurch werden Sie überall abgemeldet.
reset-password-done = Ihr Passwort wurde zurückgesetzt, und Sie sind überall abgemeldet. Melden Sie sich mit dem neuen Passwort an.
first-password-title = Passwort wählen
first-password-intro = Für Ihr Konto { $strong-start }{ $address-start }{ $email }{ $address-end }{ $strong-end }.
first-password-done = Ihr Passwort ist gespeichert. Melden Sie sich damit an.
reset-link-gone = Links zum Zurücksetzen gelten nur einmal und nur kurze Zeit. Dieser wurde schon verwendet, ist abgelaufen oder wurde durch einen neueren ersetzt.
