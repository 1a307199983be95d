## Die Systemprüfung: ihre Seite. „authflow doctor“ gibt dieselben Ergebnisse auf Englisch aus.

health-title = Systemprüfung
health-intro = Prüft Ihre Installation und schlägt Lösungen vor. { $code-start }{ AUTHFLOW() } doctor{ $code-end } tut dasselbe auf der Kommandozeile und prüft außerdem den Mailserver und die geschützten Apps.
health-verdict-good = Die Systemprüfung hat keine Probleme gefunden.
health-verdict-warnings = Die Systemprüfung hat { $count ->
    [one] { $count } Warnung
   *[other] { $count } Warnungen
} gefunden.
health-verdict-problems = Die Systemprüfung hat { $count ->
    [one] { $count } Problem
   *[other] { $count } Probleme
} gefunden.
health-verdict-both = Die Systemprüfung hat { $problems ->
    [one] { $problems } Problem
   *[other] { $problems } Probleme
} und { $warnings ->
    [one] { $warnings } Warnung
   *[other] { $warnings } Warnungen
} gefunden.
health-open = Was zu tun ist
health-passed = { $count ->
    [one] { $count } Prüfung ohne Befund
   *[other] { $count } Prüfungen ohne Befund
}
health-good = Gut
health-note = Warnung
health-problem = Problem
health-fix = Lösung:
health-help = Mehr in der Dokumentation: { $code-start }{ $page }{ $code-end }
health-request = Diese Anfrage
health-request-hint = Sie kam von { $peer }. Diese Header setzen Proxys:

## Die geprüften Teile

health-part-database = Datenbank
health-part-emails = E-Mails
health-part-clock = Uhr
health-part-signing-key = Signaturschlüssel
health-part-administrators = Administration
health-part-gate = Gate
health-part-scheme = HTTPS
health-part-host = Hostname
health-part-client-address = IP-Adresse des Clients
health-part-cookies = Cookies

## Datenbank

health-database = Die Daten liegen in { $code-start }{ $file }{ $code-end }.
health-database-postgres = Die Daten liegen in der PostgreSQL-Datenbank { $code-start }{ $database }{ $code-end } auf { $code-start }{ $server }{ $code-end }.
health-database-network = Die Daten liegen in { $code-start }{ $file }{ $code-end } auf einem Netzwerk-Dateisystem ({ $kind }). Dort kann sich SQLite nicht auf Sperren verlassen.
health-database-network-fix = Verschieben Sie { $code-start }DATA_DIR{ $code-end } auf eine lokale Festplatte oder die Daten mit { $code-start }{ AUTHFLOW() } db copy{ $code-end } nach PostgreSQL.

## E-Mails

health-emails = Keine E-Mail ist fehlgeschlagen oder verzögert.
health-emails-failed = { $count ->
    [one] { $count } E-Mail konnte nicht gesendet werden.
   *[other] { $count } E-Mails konnten nicht gesendet werden.
} Letzter Fehler: { $error }
health-emails-failed-many = { $count } oder mehr E-Mails konnten nicht gesendet werden. Letzter Fehler: { $error }
health-emails-failed-fix = Beheben Sie die Ursache und rufen Sie dann { $code-start }{ AUTHFLOW() } mail retry --all{ $code-end } auf.
health-emails-delayed = { $count ->
    [one] { $count } E-Mail wartet und konnte noch nicht gesendet werden.
   *[other] { $count } E-Mails warten und konnten noch nicht gesendet werden.
} Letzter Fehler: { $error }
health-emails-delayed-many = Mehr als { $many } E-Mails warten und konnten noch nicht gesendet werden. Letzter Fehler: { $error }
health-emails-unreachable = Als authflow startete, war der Mailserver nicht benutzbar, und seitdem wurde keine E-Mail gesendet.
health-emails-delayed-fix = { $code-start }{ AUTHFLOW() } mail test --to ADRESSE{ $code-end } zeigt, was der Mailserver antwortet.
health-error-unknown = unbekannt
health-emails-held = { $count ->
    [one] { $count } E-Mail, die jemand von außen ausgelöst hat, wartet, bis sie an der Reihe ist (seit { $since }).
   *[other] { $count } E-Mails, die von außen ausgelöst wurden, warten, bis sie an der Reihe sind (die älteste seit { $since }).
} Die Grenze ist { $code-start }EMAILS_PER_MINUTE={ $limit }{ $code-end }. Links zum Zurücksetzen und Hinweise auf Änderungen an Konten sind nicht verzögert.
health-emails-held-many = Mehr als { $many } E-Mails, die von außen ausgelöst wurden, warten, bis sie an der Reihe sind (die älteste seit { $since }). Die Grenze ist { $code-start }EMAILS_PER_MINUTE={ $limit }{ $code-end }. Links zum Zurücksetzen und Hinweise auf Änderungen an Konten sind nicht verzögert.
health-emails-held-fix = Sehen Sie im Audit-Protokoll nach, woher sie kommen. { $code-start }REGISTRATION=invite{ $code-end } oder { $code-start }approval{ $code-end } verhindert Registrierungen von Fremden. Wenn diese Registrierungen erwünscht sind, erhöhen Sie { $code-start }EMAILS_PER_MINUTE{ $code-end }.

## Uhr

health-clock = Die Uhr des Servers zeigt { $now }.
health-clock-set-back = Die Uhr des Servers zeigt { $now }, aber im Audit-Protokoll steht ein Eintrag, der { $ahead } in der Zukunft liegt.
health-clock-fix = Stellen Sie die Uhr des Servers und synchronisieren Sie sie ({ $code-start }timedatectl set-ntp true{ $code-end }).

## Signaturschlüssel

health-key-published = { $kid } ({ $algorithm }) ist veröffentlicht und signiert ab { $from }. Erstellt: { $created }.
health-key-signs = { $kid } ({ $algorithm }) signiert Tokens. Erstellt: { $created }.
health-key-verifies = { $kid } ({ $algorithm }) signiert nicht mehr, wird aber noch akzeptiert bis { $until }. Erstellt: { $created }.
health-key-old-fix = Erzeugen Sie ab und zu einen neuen Schlüssel: { $code-start }{ AUTHFLOW() } keys rotate{ $code-end }.

## Administrationskonten ohne Zwei-Faktor-Authentifizierung

health-administrators-blocked = { $count ->
    [one] { $count } Administrationskonto hat die Zwei-Faktor-Authentifizierung nicht eingerichtet, die { $code-start }SECOND_FACTOR{ $code-end } vorschreibt. Bis dahin kann es die Administration nicht öffnen.
   *[other] { $count } Administrationskonten haben die Zwei-Faktor-Authentifizierung nicht eingerichtet, die { $code-start }SECOND_FACTOR{ $code-end } vorschreibt. Bis dahin können sie die Administration nicht öffnen.
}
health-administrators-blocked-fix = Beim Anmelden werden sie aufgefordert, sie einzurichten.
health-administrators-password-only = { $count ->
    [one] { $count } Administrationskonto hat die Zwei-Faktor-Authentifizierung nicht eingerichtet; ein Passwort allein öffnet die Administration.
   *[other] { $count } Administrationskonten haben die Zwei-Faktor-Authentifizierung nicht eingerichtet; ein Passwort allein öffnet die Administration.
}
health-administrators-password-only-fix = Setzen Sie { $code-start }SECOND_FACTOR=admins{ $code-end }.

## Gate

health-gate = Das Gate schützt { $apps }.
health-gate-nothing = Keine App ist geschützt: { $code-start }GATE_ORIGINS{ $code-end } ist leer.
health-gate-open = Wer sich registriert, kann jede geschützte App öffnen, deren Regel keine Rolle verlangt.
health-gate-open-fix = Setzen Sie { $code-start }REGISTRATION=closed{ $code-end }, oder verlangen Sie in der Regel des Proxys eine Rolle ({ $code-start }{ AUTHFLOW() } proxy … --role NAME{ $code-end }).
health-gate-unconfirmed = Geschützte Apps lassen sich öffnen, bevor die E-Mail-Adresse bestätigt ist. { $code-start }Remote-Email{ $code-end } ist bis dahin leer.
health-gate-unconfirmed-fix = Setzen Sie { $code-start }EMAIL_VERIFICATION=required{ $code-end }.

## HTTPS

health-https = Browser verwenden HTTPS.
health-http = Browser verwenden HTTP, wie es { $code-start }PUBLIC_URL{ $code-end } angibt.
health-https-unexpected = Laut Proxy verwenden Browser HTTPS, aber { $code-start }PUBLIC_URL{ $code-end } beginnt mit http. Cookies sind deshalb nicht Secure.
health-https-unexpected-fix = Setzen Sie { $code-start }PUBLIC_URL={ $url }{ $code-end }.
health-http-unexpected = { $code-start }PUBLIC_URL{ $code-end } beginnt mit https, aber diese Anfrage kam über HTTP zum Proxy. Dort behalten Browser keine Secure-Cookies.
health-http-unexpected-fix = Leiten Sie im Proxy HTTP auf HTTPS um. Wenn er das schon tut, endet TLS bei einem Proxy davor, und { $code-start }X-Forwarded-Proto{ $code-end } geht unterwegs verloren.
health-scheme-unknown = Der Proxy sendet „{ $value }“ in { $code-start }X-Forwarded-Proto{ $code-end }.
health-scheme-unknown-fix = Der Proxy muss diesen Header selbst auf http oder https setzen.
health-scheme-missing = Der Proxy teilt nicht mit, ob Browser HTTPS verwenden: Es gibt keinen Header { $code-start }X-Forwarded-Proto{ $code-end }, den authflow berücksichtigt.
health-scheme-missing-fix = Verwenden Sie die Konfiguration, die { $code-start }{ AUTHFLOW() } proxy{ $code-end } ausgibt.

## Hostname

health-host = Die Anfrage galt { $host }, wie es { $code-start }PUBLIC_URL{ $code-end } angibt.
health-host-differs = Die Anfrage galt { $host }, aber { $code-start }PUBLIC_URL{ $code-end } ist { $url }. Dorthin führen alle Links.
health-host-differs-fix = Öffnen Sie die Website unter ihrer öffentlichen Adresse. Wenn Sie das getan haben, muss der Proxy den Header { $code-start }Host{ $code-end } weitergeben.

## IP-Adresse des Clients

health-address = Die Adresse des Clients ist { $address }.
health-address-untrusted = Als Adresse des Clients gilt { $address }, die des Proxys: Er sendet „{ $forwarded }“ in { $code-start }X-Forwarded-For{ $code-end }, aber { $peer } steht nicht in { $code-start }TRUSTED_PROXIES{ $code-end }.
health-address-untrusted-fix = Wenn { $peer } Ihr Proxy ist, nehmen Sie die Adresse in { $code-start }TRUSTED_PROXIES{ $code-end } auf. Sonst gelten die Limits des Proxys für alle gemeinsam.
health-address-missing = Als Adresse des Clients gilt { $address }, die des Proxys: Er sendet kein { $code-start }X-Forwarded-For{ $code-end }.
health-address-missing-fix = Der Proxy muss den Header setzen; { $code-start }{ AUTHFLOW() } proxy{ $code-end } zeigt, wie. Sonst gelten die Limits des Proxys für alle gemeinsam.
health-address-no-client = Als Adresse des Clients gilt { $address }, die des Proxys: { $code-start }X-Forwarded-For{ $code-end } nennt keinen Client, der zählt.
health-address-no-client-fix = Entfernen Sie die Adressen von Clients aus { $code-start }TRUSTED_PROXIES{ $code-end }. Der Proxy muss { $code-start }X-Forwarded-For{ $code-end } selbst setzen.
health-hops = Die Adresse des Clients ist { $address }, Eintrag { $hops } von rechts von { $entries } in { $code-start }X-Forwarded-For{ $code-end }.
health-hops-no-address = Als Adresse des Clients gilt { $address }, die eines Proxys: Eintrag { $hops } von rechts in { $code-start }X-Forwarded-For{ $code-end } ist keine Adresse.
health-hops-no-address-fix = Der Proxy muss die Adresse seiner Gegenstelle anfügen.
health-hops-missing = Als Adresse des Clients gilt { $address }, die eines Proxys: { $code-start }TRUSTED_PROXIES=hops:{ $hops }{ $code-end }, aber { $code-start }X-Forwarded-For{ $code-end } hat nur { $entries ->
    [one] { $entries } Eintrag
   *[other] { $entries } Einträge
}.
health-hops-missing-fix = Geben Sie die Zahl der Proxys vor authflow an, die { $code-start }X-Forwarded-For{ $code-end } ergänzen.

## Cookies

health-cookies-secure = Der Browser hat { $cookies } zurückgesendet. Die Cookies haben das Attribut „Secure“.
health-cookies-plain = Der Browser hat { $cookies } zurückgesendet. Die Cookies haben das Attribut „Secure“ nicht, weil die Website kein HTTPS verwendet.

## Die Header der Anfrage, und wie authflow sie verwendet

health-header-forwarded = Ignoriert: authflow liest nur { $code-start }X-Forwarded-For{ $code-end }.
health-header-forwarded-host = Ignoriert: Links entstehen aus { $code-start }PUBLIC_URL{ $code-end }. Nur das Gate liest ihn.
health-header-forwarded-port = Ignoriert: Links entstehen aus { $code-start }PUBLIC_URL{ $code-end }.
health-header-forwarded-prefix = Ignoriert: Es gilt der Pfad in { $code-start }PUBLIC_URL{ $code-end }.
health-header-forwarded-uri = Hier ignoriert. Nur das Gate liest ihn.
health-header-remote-user = Ignoriert: Bei authflow kann sich niemand mit einem Header anmelden.
health-header-untrusted = Ignoriert: { $peer } steht nicht in { $code-start }TRUSTED_PROXIES{ $code-end }.
health-header-networks = Von rechts gelesen, soweit seine Adressen in { $code-start }TRUSTED_PROXIES{ $code-end } stehen.
health-header-hops = Eintrag { $hops } von rechts zählt.
health-header-forwarded-proto = Auf dieser Seite mit { $code-start }PUBLIC_URL{ $code-end } verglichen, sonst nicht verwendet.
health-header-host = Auf dieser Seite mit { $code-start }PUBLIC_URL{ $code-end } verglichen. Links entstehen aus { $code-start }PUBLIC_URL{ $code-end }.
