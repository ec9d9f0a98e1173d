"""Reading many rows and writing as one goes."""


def in_chunks(queryset, size: int):
    """Yields the rows of `queryset` by their keys, `size` read at once: one query for each chunk, and one more.

    No cursor is open while a row is in the caller's hands, as it is with `iterator()`: on SQLite that one would keep
    the state in which the reading began, in which nobody may write once another process has written.
    """
    rows, after = queryset.order_by("pk"), None
    while chunk := list((rows if after is None else rows.filter(pk__gt=after))[:size]):
        yield from chunk
        if len(chunk) < size:
            return
        after = chunk[-1].pk
