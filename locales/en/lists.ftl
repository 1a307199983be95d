## Links between the pages of a list

list-older = Older
list-newest = Newest
list-next-page = Next page
list-first-page = First page
