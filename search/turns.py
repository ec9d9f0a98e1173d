"""One writer of the search's guides at a time, so that nobody writes down what somebody else has just changed."""

from django.db import connection, transaction

# Of PostgreSQL's advisory locks; nothing else here takes one.
GUIDES = 3_020_070


def one_at_a_time() -> None:
    """Waits for whoever is writing guides, and keeps the turn until this transaction ends: what is read from
    here on is what the one before has left. Again in the same transaction it costs a statement and does
    nothing. TransactionManagementError outside a transaction, where it would keep nothing.

    One turn for all guides: a publication writes its own, its parent's and its sub-items', a name those of many
    places, each in another order, and with a lock for each they would wait for one another.

    On SQLite a transaction that writes has the whole database to itself (IMMEDIATE, cms.settings.base).
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a turn ends with its transaction, and there is none")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GUIDES])
