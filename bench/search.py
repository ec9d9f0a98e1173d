"""How the public search bears 1,000, 10,000 and 100,000 guides: beside the database's bare engine, an empty view,
and Wagtail's stock backend.

Run from the project's folder: `python -m bench.search` (or `make bench`), a single size with `--size 1000`, fewer
queries of each kind with `--queries 60`. On PostgreSQL with DATABASE_URL, in databases of its own on that server.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from bench.figures import at_most, figure, finish
from bench.server import empty_site, gunicorn, own_database

SIZES = (1_000, 10_000, 100_000)
GROWTH = {"rare": 2, "common": 12}
# Times the bare engine's p50 and the empty view's, which a request may take together.
WITHOUT_FACETS, WITH_FACETS = (4, 10), (10, 10)
# Of that the largest catalogue may take all. In a smaller one the engine has next to nothing to do, and the HTML of
# twenty hits is most of the request: what is guarded there is that it does not grow.
SMALLER = 1.5
# A page of what sounds like what was typed, in pages of what was typed itself (in the largest catalogue, SMALLER times
# that in others); each is asked so many times.
SOUND_TO_COMMON, SOUND_TIMES = 3, 5
# Stock is asked up to this size: so many common queries, or as many as it answers in so many seconds.
STOCK_SIZE, STOCK_QUERIES, STOCK_SECONDS = 10_000, 50, 20
ALL_QUERIES = 250
SHARE_OF_STOCK = 0.1
WARM_UP = 5
HITS = 20
# Guides that are written anew to see how long it takes, and how many at a time.
REBUILT, AT_A_TIME = 300, 100


class BareEngine:
    """The full-text index without anything around it: the driver, and the statement that our backend would match
    with, ranked by the engine, of which it fetches the best keys and the count."""

    def __init__(self):
        from django.db import connection

        from search.backends.database.guides import GuideQueryCompiler

        self.vendor = connection.vendor
        if self.vendor == "sqlite":
            import sqlite3

            self.connection = sqlite3.connect(connection.settings_dict["NAME"])
        else:
            import psycopg

            self.connection = psycopg.connect(
                **connection.get_connection_params() | {"cursor_factory": psycopg.Cursor, "context": None},
                autocommit=True,
            )
        self.compiler: type[GuideQueryCompiler] = _guide_backend().guide_compiler_class

    def statements(self, query):
        """(SQL of the best keys, SQL of the count, parameters)"""
        from modelsearch.query import PlainText

        from search.models import Guide
        from search.text import terms

        compiler = self.compiler(Guide.objects.all(), PlainText(" ".join(terms(query)), operator="and"))
        condition, params = compiler.matching()
        index = compiler.index_class
        if self.vendor == "sqlite":
            rank, placed = "rank", condition.replace("%s", "?")
        else:
            rank, placed = f"ts_rank({condition.split()[0]}, %s::tsquery) DESC", condition
        best = f"SELECT {index.key} FROM {index.table} WHERE {placed} ORDER BY {rank} LIMIT {HITS}"  # noqa: S608
        return best, f"SELECT count(*) FROM {index.table} WHERE {placed}", params  # noqa: S608

    def answer(self, statements):
        """The number of guides, after the best were fetched."""
        best, count, params = statements
        cursor = self.connection.cursor()
        cursor.execute(best, params if self.vendor == "sqlite" else [*params, *params])
        cursor.fetchall()
        return cursor.execute(count, params).fetchone()[0]


def _guide_backend():
    from wagtail.search.backends import get_search_backend

    return get_search_backend()


class Requests:
    """The search's page and an empty view, asked over HTTP of a gunicorn with all of the site's middleware."""

    def __init__(self, get):
        self.get = get

    def empty(self, query):
        self.get(f"/bench/empty/?{urlencode({'q': query})}")

    def page(self, query):
        self.get(f"/search/?{urlencode({'q': query})}")

    def page_without_facets(self, query):
        """The same page when nothing is counted (bench.urls)."""
        self.get(f"/bench/uncounted-search/?{urlencode({'q': query})}")


def times_of(queries, compared, *, seconds=None):
    """{name: seconds of each query}: of every query all that is compared takes its turn, so that a slow moment of the
    machine hits all alike. `compared`: {name: function of a query}.

    Seconds of the clock: the pages are made in another process, and so is PostgreSQL's work. After `seconds` no
    further query is asked.
    """
    clock = time.perf_counter
    for query in [] if seconds else queries[:WARM_UP]:
        for ask in compared.values():
            ask(query)
    times = {name: [] for name in compared}
    began = time.monotonic()
    for query in queries:
        if seconds and time.monotonic() - began > seconds:
            break
        for name, ask in compared.items():
            start = clock()
            ask(query)
            times[name].append(clock() - start)
    return times


def p50(seconds):
    return statistics.median(seconds)


def p95(seconds):
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def _print_times(label, seconds):
    print(
        f"{label:<56} p50 {p50(seconds) * 1000:9.2f} ms  p95 {p95(seconds) * 1000:9.2f} ms  "
        f"{len(seconds) / sum(seconds):9.1f} queries a second",
        flush=True,
    )


def measure(size, asked):
    """Loads a catalogue and measures it behind a server, with so many queries of each kind."""
    from bench.search_loading import load, settle

    keys = load(size)
    settle()
    with gunicorn() as get:
        return measure_loaded(size, keys, get, asked)


def measure_loaded(size, keys, get, asked):
    """Prints the lines of one catalogue. Returns {kind: p50 of a request in those of an empty view}."""
    from bench import search_catalogue as catalogue

    engine, requests = BareEngine(), Requests(get)
    requests_in_empty_views = {}
    for kind, queries in (("rare", catalogue.rare_queries()), ("common", catalogue.common_queries())):
        queries = queries[:: max(1, len(queries) // asked)][:asked]
        statements = {query: engine.statements(query) for query in queries}
        counts = [engine.answer(statements[query]) for query in queries]
        _check_counts(kind, size, counts)
        times = times_of(
            queries,
            {
                "engine": lambda query, statements=statements: engine.answer(statements[query]),
                "empty": requests.empty,
                "page": requests.page_without_facets,
                "facets": requests.page,
            },
        )
        name = f"search.{size}.{kind}"
        figure(f"{name}.hits", round(statistics.median(counts)), "-", True)
        for what, label in (
            ("engine", "bare engine"),
            ("empty", "empty view"),
            ("page", "request, nothing counted"),
            ("facets", "request"),
        ):
            _print_times(f"{name}: {label}", times[what])
        a, b = p50(times["engine"]), p50(times["empty"])
        for what, (of_engine, of_empty), label in (
            ("page", WITHOUT_FACETS, "request"),
            ("facets", WITH_FACETS, "request_with_facets"),
        ):
            bar = of_engine * a + of_empty * b
            at_most(
                f"{name}.{label}_to_{of_engine}_engine_{of_empty}_empty",
                p50(times[what]) / bar,
                _limit(1, size),
            )
        requests_in_empty_views[kind] = p50(times["facets"]) / b
        if kind == "common":
            measure_sound(size, requests, p50(times["facets"]))
        if kind == "common" and size <= STOCK_SIZE and engine.vendor == "sqlite":
            measure_stock(size, queries[:STOCK_QUERIES], keys, STOCK_SECONDS * asked / ALL_QUERIES)
    measure_index(size, keys)
    return requests_in_empty_views


def _limit(bar, size):
    return bar if size == SIZES[-1] else bar * SMALLER


def _check_counts(kind, size, counts):
    from bench import search_catalogue as catalogue

    if kind == "rare" and set(counts) != {catalogue.RARE_HITS}:
        raise RuntimeError(f"a rare query has {catalogue.RARE_HITS} guides at every size, not {set(counts)}")
    if kind == "common" and min(counts) < catalogue.COMMON_SHARE * size:
        raise RuntimeError(f"a common query has only {min(counts)} of {size} guides")


def measure_sound(size, requests, seconds):
    """Pinyin and initials that a great part of the guides has, beside the `seconds` of a common query's page."""
    from bench import search_catalogue as catalogue

    queries = catalogue.spoken_queries()
    times = times_of(queries * SOUND_TIMES, {"facets": requests.page})["facets"]
    name = f"search.{size}.sound"
    _print_times(f"{name}: request, pinyin and initials", times)
    slowest = max(p50(times[at :: len(queries)]) for at in range(len(queries)))
    at_most(f"{name}.slowest_query_to_common", slowest / seconds, _limit(SOUND_TO_COMMON, size))


def measure_stock(size, queries, keys, seconds):
    """Wagtail's stock backend over the same items, in its own tables.

    They are filled with our tokens, and it is asked for tokens: with its own cutting it would find almost none of
    these guides, and be compared for finding nothing.
    """
    from modelsearch.query import PlainText

    from search.queries import find_guides
    from search.text import terms
    from servicepages.models import ServiceItemPage

    _fill(_guide_backend(), keys)
    stock = _stock_backend()
    items = ServiceItemPage.objects.live().public()

    def ask(query):
        results = stock.search(PlainText(" ".join(terms(query)), operator="and"), items)
        list(results[:HITS])
        if not results.count():
            raise RuntimeError("the stock backend finds nothing, so there is nothing to compare")

    ours = lambda query: find_guides(query, facets=False)  # noqa: E731
    times = times_of(queries, {"stock": ask, "ours": ours}, seconds=seconds)
    name = f"search.{size}.common"
    _print_times(f"{name}: stock backend, {len(times['stock'])} queries", times["stock"])
    _print_times(f"{name}: find_guides, the same", times["ours"])
    at_most(f"{name}.find_guides_to_stock", p50(times["ours"]) / p50(times["stock"]), SHARE_OF_STOCK)


def _fill(backend, keys):
    """As `update_index` does, of which the reading is a part."""
    from servicepages.models import ServiceItemPage

    for at in range(0, len(keys), AT_A_TIME):
        chunk = keys[at : at + AT_A_TIME]
        items = ServiceItemPage.objects.filter(pk__in=chunk).with_live_sub_items()
        backend.add_bulk(ServiceItemPage, list(items))


def measure_index(size, keys):
    """The index's bytes, and what writing it anew costs: of REBUILT guides, in turns with stock."""
    from search.following import follow

    figure(f"search.{size}.index_bytes_to_plain_text", _index_bytes() / _text_bytes(), "-", True)
    stock, sample = _stock_backend(), keys[:: len(keys) // REBUILT][:REBUILT]
    _fill(stock, sample)  # so that both replace what is there
    seconds = {"stock": 0.0, "ours": 0.0}
    for at in range(0, len(sample), AT_A_TIME):
        chunk = sample[at : at + AT_A_TIME]
        for name, write in (
            ("stock", lambda chunk=chunk: _fill(stock, chunk)),
            ("ours", lambda chunk=chunk: follow(chunk)),
        ):
            start = time.perf_counter()
            write()
            seconds[name] += time.perf_counter() - start
    figure(f"search.{size}.rebuild_to_stock", seconds["ours"] / seconds["stock"], "-", True)
    figure(f"search.{size}.rebuilt_guides_a_second", round(REBUILT / seconds["ours"]), "-", True)


def _stock_backend():
    from django.db import connection

    if connection.vendor == "sqlite":
        from modelsearch.backends.database.sqlite.sqlite import SQLiteSearchBackend as Stock
    else:
        from modelsearch.backends.database.postgres.postgres import PostgresSearchBackend as Stock
    return Stock({})


def _index_bytes():
    from django.db import connection

    table = _guide_backend().guide_index_class.table
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            return cursor.fetchone()[0]
        # FTS5 keeps the index in the blocks of one table, and the tokens, in their order, in another.
        cursor.execute(f"SELECT sum(length(block)) FROM {table}_data")  # noqa: S608
        (blocks,) = cursor.fetchone()
        cursor.execute(f"SELECT * FROM {table}_content LIMIT 0")  # noqa: S608
        columns = [column[0] for column in cursor.description][1:]
        cursor.execute(
            f"SELECT sum({' + '.join(f'length(CAST({column} AS BLOB))' for column in columns)}) FROM {table}_content"  # noqa: S608
        )
        return blocks + (cursor.fetchone()[0] if columns else 0)


def _text_bytes():
    from search.models import GuideText

    texts = GuideText.objects.values_list("guide__name", "everyday", "subject", "matter", "body")
    return sum(len(text.encode()) for row in texts.iterator() for text in row)


def measure_apart(size, queries):
    """The same in a process of its own, with a database of its own. Returns what `measure` does, and whether a
    figure fell short."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as told:
        command = [sys.executable, "-m", "bench.search", "--size", str(size), "--tell", told.name]
        command += ["--queries", str(queries)]
        done = subprocess.run(command, cwd=Path(__file__).resolve().parents[1], check=False)
        said = told.read()
        if not said:
            raise RuntimeError(f"the catalogue of {size} was not measured")
        return json.loads(said), done.returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, choices=SIZES, help="only this catalogue")
    parser.add_argument("--queries", type=int, default=ALL_QUERIES, help="so many of each kind")
    parser.add_argument("--tell", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.size:
        with own_database(f"search_{asked.size}") as address, empty_site(database_url=address):
            requests = measure(asked.size, asked.queries)
            from django.db import connections

            connections.close_all()
        if asked.tell:
            asked.tell.write_text(json.dumps(requests))
        finish()
    told, short = {}, False
    for size in SIZES:
        told[size], is_short = measure_apart(size, asked.queries)
        short |= is_short
    *_few, before, last = SIZES
    for kind, limit in GROWTH.items():
        at_most(f"search.{kind}.growth_from_{before}_to_{last}", told[last][kind] / told[before][kind], limit)
    if short:
        sys.exit(1)
    finish()


if __name__ == "__main__":
    main()
