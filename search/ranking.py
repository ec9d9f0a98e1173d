"""The weights of the ranking, in one place. docs/search.md says how they are used."""

# What is found where, from the most telling to the least. The order decides (search.queries): a guide that
# has every word in its name goes before one that has them in its everyday names, and so on. The
# numbers are the boosts of a search server, which knows no such steps.
NAME = 20.0
EVERYDAY = 10.0
SUBJECT = 5.0
MATTER = 2.0
BODY = 1.0
SOUND = 1.0

# For the admin's searches over every kind of page (search.backends): a hit in the title counts so many
# times one in the text.
TITLE = 20.0
TEXT = 1.0
