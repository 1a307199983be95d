## An- und Abmelden

sign-in-title = Anmelden
sign-in = Anmelden
sign-out = Abmelden
email-or-handle-label = E-Mail-Adresse oder Kürzel
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-new-here = Noch kein Konto? { $link-start }Konto erstellen{ $link-end }
sign-in-wrong = E-Mail-Adresse, Kürzel oder Passwort ist falsch. Falls Sie Ihre E-Mail-Adresse noch nicht bestätigt haben: Mit dem richtigen Passwort schicken wir Ihnen einen neuen Link.
sign-in-continue = Melden Sie sich an, um zu { $app } zu gelangen.
sign-in-to-see = Melden Sie sich an, um diese Seite zu sehen.
sign-in-unsaved = Sie wurden abgemeldet, deshalb sind Ihre Änderungen nicht gespeichert. Melden Sie sich an und senden Sie sie noch einmal ab.
too-many-sign-ins = Zu viele Anmeldeversuche. Nächster Versuch in: { $wait }.
forgot-password = Passwort vergessen?
