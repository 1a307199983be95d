## Seiten bei geschützten Apps

gate-unavailable = Die Anmeldung antwortet gerade nicht. Versuchen Sie es in ein paar Sekunden noch einmal.
gate-starting = Die Anmeldung wurde eben gestartet und wartet auf ihre Datenbank. Versuchen Sie es in ein paar Sekunden noch einmal.
gate-request-id = Wenn Sie das nicht beheben können, nennen Sie der Administration diese Anfrage-ID: { $code-start }{ $id }{ $code-end }
gate-try-again = Noch einmal versuchen

gate-signed-in-as = Sie sind als { $name } ({ $email }) angemeldet.
gate-role-missing = { $count ->
    [one] Um { $app } zu öffnen, brauchen Sie die Rolle „{ $roles }“.
   *[other] Um { $app } zu öffnen, brauchen Sie eine dieser Rollen: { $roles }.
}
gate-other-account = Mit einem anderen Konto anmelden
gate-account = Zu Ihrem Konto
gate-email-title = E-Mail-Adresse bestätigen
gate-email-unconfirmed = { $app } erkennt Sie an Ihrer E-Mail-Adresse, aber Sie haben Ihre ({ $email }) noch nicht bestätigt.
gate-email-how = Wir können Ihnen einen Bestätigungslink schicken. Öffnen Sie danach diese Seite noch einmal. Auch die Administration kann die Adresse für Sie bestätigen.
gate-email-confirm = E-Mail-Adresse bestätigen
gate-open-again = Diese Seite noch einmal öffnen
gate-refused-by-proxy = Der Proxy hat diese Anfrage nach einer eigenen Regel abgelehnt, oder Sie haben eben erst Zugang bekommen. Versuchen Sie es noch einmal.

gate-lost-title = Ihre Anmeldung ist nicht angekommen
gate-lost = Sie sind angemeldet, aber Ihr Browser hat das Cookie von { $app } nicht zurückgesendet, oder die Weiterleitung hat zu lange gedauert.
gate-causes = Mögliche Ursachen:
gate-cause-blocked = Der Browser blockiert Cookies. Erlauben Sie sie für { $app }.
gate-cause-copied = Dieser Link wurde aus einem anderen Browser kopiert oder mitten in der Weiterleitung als Lesezeichen gespeichert. Benutzen Sie die Schaltfläche unten.
gate-cause-address = Die Seite wurde unter einem anderen Namen als { $app } geöffnet oder mit http statt https.
gate-cause-proxy = Für die Administration: Der Proxy entfernt Set-Cookie aus Antworten unter /.authflow/ (vergleichen Sie seine Konfiguration mit der Ausgabe von { $code-start }{ AUTHFLOW() } proxy{ $code-end }), oder mehrere Instanzen haben verschiedene Uhrzeiten oder SECRET_KEYs.

gate-unreachable-title = Diese App ist nicht erreichbar
gate-reserved = Diese Adresse ist für die Anmeldung reserviert. Hier gibt es keine Seite.
gate-outdated = Der Reverse-Proxy von { $origin } ist für eine frühere Version der Anmeldung dieser Website konfiguriert. Deshalb können Sie sich dort nicht anmelden.
gate-outdated-fix = Für die Administration: Geben Sie die Konfiguration des Proxys mit { $code-start }{ AUTHFLOW() } proxy{ $code-end } neu aus. Er muss { $code-start }/.authflow/{ $code-end } an authflow weiterleiten.
gate-untrusted = Diese Anfrage kam von einer Adresse zum Gate, die nicht in GATE_PROXIES steht (Standard: die Netze aus TRUSTED_PROXIES, mit hops:N nur Loopback). Tragen Sie die Adresse des Proxys dort ein. Andere dürfen das Gate nicht fragen.
gate-header-missing-nginx = Der Proxy hat den Header { $header } nicht gesendet. Vergleichen Sie seine Konfiguration mit der Ausgabe von { $code-start }{ AUTHFLOW() } proxy{ $code-end } (Caddy und Traefik fragen unter /gate/forward).
gate-header-missing-forward = Der Proxy hat den Header { $header } nicht gesendet. Vergleichen Sie seine Konfiguration mit der Ausgabe von { $code-start }{ AUTHFLOW() } proxy{ $code-end } (nginx fragt unter /gate/nginx).
gate-header-contradictory = Der Header { $header } hat mehrere Werte oder einen ungültigen. Der Proxy muss ihn selbst setzen, statt weiterzugeben, was der Client gesendet hat.
gate-unknown-origin = { $origin } steht nicht in GATE_ORIGINS. Tragen Sie die Adresse dort ein oder öffnen Sie die App unter ihrer konfigurierten Adresse.
gate-other-scheme = In GATE_ORIGINS steht { $origin }, aber laut Proxy kam die Anfrage mit dem anderen Schema. Öffnen Sie { $origin }. Wenn Sie das getan haben, gibt ein vorgeschalteter Proxy das Schema nicht weiter.
gate-rule-of-request = Der Proxy hat dort, wo seine Regel stehen muss, die Query der Anfrage gesendet. Schreiben Sie bei Caddy ein Fragezeichen hinter die Adresse des Gates: uri /gate/forward? ({ $code-start }{ AUTHFLOW() } proxy caddy{ $code-end } gibt es so aus).
gate-unknown-rule = Die Adresse, unter der der Proxy fragt, enthält „{ $rule }“. Das ist keine Regel. Regeln sind role=NAME, factor=2, token=1 und public=PATH.

## Auf dem Weg von einer geschützten App zur Anmeldung

gate-no-app = Diese Adresse gehört zu keiner App dieser Website. Prüfen Sie sie auf Tippfehler, oder öffnen Sie die App aus der Liste Ihrer Apps.
gate-address-long = Die gewünschte Adresse ist länger als 8 KiB. Deshalb können wir Sie nach der Anmeldung nicht dorthin zurückbringen. Gehen Sie weiter zur Startseite von { $app } und öffnen Sie die Adresse dort noch einmal, sobald Sie angemeldet sind.
gate-address-limit = Die gewünschte Adresse ist sehr lang, und aus Ihrem Netzwerk kamen in der letzten Stunde zu viele solche Adressen. Deshalb können wir Sie nach der Anmeldung nicht dorthin zurückbringen. Gehen Sie weiter zur Startseite von { $app } und öffnen Sie die Adresse dort noch einmal, sobald Sie angemeldet sind.
gate-address-expired = Die gewünschte Adresse war einen Tag lang gespeichert und ist abgelaufen. Gehen Sie weiter zur Startseite von { $app } und öffnen Sie die Adresse dort noch einmal, sobald Sie angemeldet sind.
gate-continue = Weiter zur Startseite
