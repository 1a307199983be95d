## Rund um die Zeilen einer Liste

list-rows = { $first }–{ $last } von { $total }
list-rows-of-many = { $first }–{ $last } von mehr als { $many }
list-shown = { $shown } von { $total }
list-shown-of-many = { $shown } von mehr als { $many }
list-many = { $many }+
list-zone = Zeiten in der Zeitzone { $zone }.
list-filters = Filter
list-first-page = Erste Seite
list-previous-page = Vorige Seite
list-next-page = Nächste Seite
list-per-page = Zeilen pro Seite:
list-details = Details
list-action = Aktion
