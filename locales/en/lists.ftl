## Around the rows of a list

# Which rows a page has, and how many the list has: 1–25 of 312
list-rows = { $first }–{ $last } of { $total }
# The same if there are too many to count. $many: 10,000
list-rows-of-many = { $first }–{ $last } of more than { $many }
# The same on pages in the middle, which only know how many rows they have: 25 of 312
list-shown = { $shown } of { $total }
list-shown-of-many = { $shown } of more than { $many }
# $zone: for example Europe/Berlin
list-zone = Times are in the time zone { $zone }.
# On a phone, opens the filters.
list-filters = Filters
# Behind a heading: how many there are, if there are too many to count. $many: 10,000
list-many = { $many }+
list-first-page = First page
list-previous-page = Previous page
list-next-page = Next page
# Before the numbers of rows per page to choose from.
list-per-page = Rows per page:
# Opens the details of a row.
list-details = Details
# The heading of a column of buttons.
list-action = Action
