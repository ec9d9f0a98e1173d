"""A hit as the database returns it: a tuple, because a query may have 20,000 of them."""

# The columns of a row, in the order in which they are read, and where each stands.
FIELDS = (
    "pk",
    "fold",
    "region_id",
    "department_id",
    "item_type",
    "online",
    "visits_required",
    "is_on_the_spot",
    "topic_keys",
    "chosen",
    "_whole",
    "_score",
)
PK, FOLD, REGION, DEPARTMENT, TYPE, ONLINE, VISITS, ON_THE_SPOT, TOPICS, CHOSEN, WHOLE, SCORE = range(
    len(FIELDS)
)
# Added by search.queries: how well the guide answers, the less the better.
RANK = len(FIELDS)
