## Links zwischen den Seiten einer Liste

list-older = Ältere
list-newest = Neueste
list-next-page = Nächste Seite
list-first-page = Erste Seite
