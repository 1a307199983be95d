## Rund um die Zeilen einer Liste

list-shown = { $shown } von { $total }
list-shown-of-many = { $shown } von mehr als { $many }
list-many = { $many }+
list-first-page = Erste Seite
list-previous-page = Vorige Seite
list-next-page = Nächste Seite
list-per-page = Zeilen pro Seite:
list-details = Details
list-action = Aktion
