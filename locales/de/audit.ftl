## Das Audit-Protokoll

audit-title = Audit-Protokoll
audit-person = Konto
audit-person-hint = E-Mail-Adresse, Benutzername oder ID
audit-event = Ereignis
audit-outcome = Ergebnis
audit-outcome-success = Erfolgreich
audit-outcome-refused = Abgelehnt
audit-from = Von
audit-until = Bis
audit-days-hint = In Ihrer Zeitzone, { $zone }
audit-time = Zeit
audit-by = durch { $link-start }{ $name }{ $link-end }
audit-source = Herkunft
audit-source-command-line = Kommandozeile
audit-detail-sessions = { $count ->
    [one] { $count } Sitzung
   *[other] { $count } Sitzungen
}
audit-detail-accounts = { $count ->
    [one] { $count } Konto
   *[other] { $count } Konten
}
audit-detail-emails = { $count ->
    [one] { $count } E-Mail
   *[other] { $count } E-Mails
}
audit-detail-with-hashes = mit Passwort-Hashes
audit-detail-without-hashes = ohne Passwort-Hashes
audit-detail-handed-over = zur persönlichen Übergabe, nicht per E-Mail
audit-detail-no-roles = keine Rollen
audit-detail-roles-changed = { $roles }; vorher: { $former }
audit-request = Anfrage-ID { $code-start }{ $id }{ $code-end }
audit-empty = Zu diesen Filtern gibt es keine Einträge.
audit-empty-yet = Das Protokoll ist leer. Anmeldungen und Änderungen an Konten erscheinen hier.
audit-export = Exportieren: { $csv-start }CSV{ $csv-end }, { $json-start }JSON Lines{ $json-end }
audit-no-such-person = Kein Konto hat diese E-Mail-Adresse oder diesen Benutzernamen. Gelöschte Konten finden Sie nur über ihre ID.
audit-no-such-event = Dieses Ereignis gibt es nicht. Wählen Sie eines aus der Liste.
audit-no-such-outcome = Dieses Ergebnis gibt es nicht. Wählen Sie eines aus der Liste.
audit-invalid-day = Geben Sie das Datum als Jahr, Monat und Tag ein, zum Beispiel 2026-11-24.
audit-export-refused = Die Filter sind ungültig, deshalb wurde nichts exportiert.
audit-back = Zurück zum Audit-Protokoll
