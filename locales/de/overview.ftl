## Die erste Seite der Administration

overview-title = Übersicht
overview-health = Details anzeigen
overview-sign-ins = Anmeldungen der letzten { $count } Tage
overview-succeeded = Erfolgreich
overview-failed = Fehlversuche
overview-succeeded-total = Erfolgreich: { $count }
overview-failed-total = Fehlversuche: { $count }
overview-chart = Balken für jeden der letzten { $days } Tage: { $succeeded } erfolgreiche Anmeldungen und { $failed } Fehlversuche, höchstens { $most } an einem Tag.
overview-as-table = Als Tabelle anzeigen
overview-day = Tag
overview-failed-log = Abgelehnte Versuche im Audit-Protokoll
overview-emails-waiting = Warten
overview-emails-failed = Fehlgeschlagen
overview-installation = Installation
overview-version = Version
overview-sqlite = SQLite
overview-postgres = PostgreSQL
overview-key-created = Erstellt { $time }
overview-key-missing = Keiner
overview-backup = Letztes Backup
overview-backup-unknown = Im Audit-Protokoll steht keines. Von Backups mit anderen Programmen weiß authflow nichts.

## Die Seite der Rollen

roles-title = Rollen
roles-intro = Eine Rolle sagt, was ein Konto darf: „admin“ öffnet diese Seiten, und Apps können jede Rolle verlangen.
roles-give = Vergeben Sie Rollen auf der Seite eines { $users-start }Kontos{ $users-end } oder mit einer { $invite-start }Einladung{ $invite-end }.
roles-require = Damit eine App eine Rolle verlangt, erzeugen Sie die Konfiguration ihres Proxys mit { $code-start }{ AUTHFLOW() } proxy … --role NAME{ $code-end }.
roles-asked-by = Verlangt von
roles-more = { $count ->
    [one] { $count } weiteres
   *[other] { $count } weitere
}
roles-others = weitere
roles-unused = Kein Konto hat diese Rolle
roles-empty = Bisher gibt es nur die Rolle „admin“. Eine weitere, etwa „family“, entsteht, wenn Sie sie einem Konto geben.
roles-cut = Es gibt mehr Rollen als diese { $count }. Wer eine andere hat, sehen Sie, wenn Sie die Konten nach der Rolle filtern.
roles-apps = Was Apps verlangen
roles-apps-hint = Diese Regeln stehen in der Konfiguration Ihres Proxys. authflow zeigt die, die es in den letzten 30 Tagen mit Anfragen angemeldeter Konten erhalten hat.
roles-no-apps = Noch ist keine App geschützt. Die Konfiguration für die erste gibt { $code-start }{ AUTHFLOW() } proxy{ $code-end } aus.
roles-app = App
roles-requirement = Verlangt
roles-last-asked = Letzte Anfrage
roles-every-user = Jedes angemeldete Konto
roles-any-of = { $count ->
    [one] Rolle
   *[other] Eine der Rollen
}
roles-not-asked = Noch unbekannt. Die Regel erscheint hier, sobald ein angemeldetes Konto diese App öffnet.
