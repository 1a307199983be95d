## Das Postfach eines Entwicklungsservers

mailbox-title = Postfach
mailbox-hint = E-Mails, die dieser Server in Dateien geschrieben hat, statt sie zu senden; die neuesten zuerst. Laden Sie die Seite neu, um nach neuen zu sehen.
mailbox-empty = Noch keine E-Mails. Sie erscheinen hier, sobald der Server eine schreibt, zum Beispiel nach einer Registrierung.
mailbox-subject = Betreff
mailbox-no-subject = (kein Betreff)
mailbox-from = Von
mailbox-to = An
mailbox-date = Datum
mailbox-text = Text
mailbox-no-text = Diese E-Mail hat keinen Textteil.
mailbox-html = HTML
mailbox-no-html = Diese E-Mail hat keinen HTML-Teil.
mailbox-frame = Die E-Mail als HTML
mailbox-html-alone = HTML-Teil allein öffnen
mailbox-all = Alle E-Mails
mailbox-gone = Diese E-Mail gibt es nicht, oder ihre Datei wurde gelöscht.
mailbox-open = Postfach öffnen
mailbox-open-email = E-Mail öffnen
mailbox-broken = Die Datei { $code-start }{ $file }{ $code-end } ist keine E-Mail: Absender oder Datum fehlt.
mailbox-unreadable = Die Datei { $code-start }{ $file }{ $code-end } lässt sich nicht lesen: { $error }.
