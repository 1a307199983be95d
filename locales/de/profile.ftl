## Das Profil: Name, Sprache und Zeitzone

profile-name-label = Name
profile-name-hint = Diesen Namen sehen andere.
profile-language-browser = Wie in meinem Browser
profile-language-hint = Wenn Sie keine wählen, sind E-Mails in der Sprache dieser Website ({ $language }).
profile-language-invalid = Wählen Sie eine Sprache aus der Liste.
profile-time-zone-label = Zeitzone
profile-time-zone-default = Standard der Website ({ $zone })
profile-time-zone-hint = Wählen Sie einen Ort, an dem Ihre Zeit gilt. Die Orte haben englische Namen, zum Beispiel Vienna für Wien.
profile-time-zone-regions = Andere Region wählen
profile-time-zone-invalid = Wählen Sie eine Zeitzone aus der Liste.
profile-save = Speichern
profile-saved = Ihr Profil wurde gespeichert.
profile-handle = Ihr Benutzername ist { $code-start }{ $handle }{ $code-end }. Sie können sich damit statt mit Ihrer E-Mail-Adresse anmelden. Nur die Administration kann ihn ändern.
profile-handle-in-apps = Ihr Benutzername ist { $code-start }{ $handle }{ $code-end }. Apps erkennen Sie daran, und Sie können sich damit statt mit Ihrer E-Mail-Adresse anmelden. Nur die Administration kann ihn ändern.
profile-data = Daten herunterladen oder Konto löschen

## Die Weltgegenden in der Liste der Zeitzonen

region-africa = Afrika
region-america = Amerika
region-antarctica = Antarktis
region-arctic = Arktis
region-asia = Asien
region-atlantic = Atlantik
region-australia = Australien
region-europe = Europa
region-indian = Indischer Ozean
region-pacific = Pazifik
region-other = Andere
