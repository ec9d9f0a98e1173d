"""The weights of the ranking, in one place. docs/search.md says how they are used."""

# A hit in the name counts so many times one in the text: every word of the query in a name goes
# before any number of mentions in a text, on SQLite (where one score ends at 2.2 times the rarity
# of the word, and that of a long page at a quarter of it) as on PostgreSQL (where it ends at 1).
NAME = 20.0
TEXT = 1.0
