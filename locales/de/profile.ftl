## Das Profil: Name, Sprache und Zeitzone

profile-name-label = Name
profile-name-hint = Unter diesem Namen sehen andere Sie.
profile-language-browser = Wie in meinem Browser; E-Mails: { $language }
profile-language-invalid = Wählen Sie eine Sprache aus der Liste.
profile-time-zone-label = Zeitzone
profile-time-zone-default = Standard dieser Website ({ $zone })
profile-time-zone-other = Andere
profile-time-zone-invalid = Wählen Sie eine Zeitzone aus der Liste.
profile-save = Speichern
profile-saved = Ihr Profil wurde gespeichert.
profile-handle = Ihr Benutzername ist { $code-start }{ $handle }{ $code-end }. Apps erkennen Sie daran, und Sie können sich damit statt mit Ihrer E-Mail-Adresse anmelden. Nur die Administration kann ihn ändern.
profile-data = Daten herunterladen oder Konto löschen
