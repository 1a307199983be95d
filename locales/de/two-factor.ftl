## Zwei-Faktor-Authentifizierung

second-factor-demanded = Für Ihr Konto ist die Zwei-Faktor-Authentifizierung vorgeschrieben. Richten Sie sie hier ein, um fortzufahren.
two-factor-use-recovery-code = Sie können stattdessen einen Wiederherstellungscode verwenden.
second-factor-for-app = { $app } verlangt die Zwei-Faktor-Authentifizierung. Schalten Sie sie hier ein, um fortzufahren.
second-step-not-saved = Ihre Änderungen wurden nicht gespeichert.
second-step-link-may-expire = Falls Ihr Link danach nicht mehr funktioniert, ändern Sie Ihre E-Mail-Adresse noch einmal.
