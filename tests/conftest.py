"""How the whole suite runs: which tests belong to this run, and how much hypothesis tries."""

import gc

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from tests.database import MIGRATED, copies
from tests.shared import levels, wanted_by

hypothesis.settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "long",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """pytest-django's; what a test has committed is taken back by copying (tests.database)."""
    with django_db_blocker.unblock():
        copies.keep(MIGRATED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", copies.bring_back)
        yield
    with django_db_blocker.unblock():
        levels.clear()
        copies.drop(MIGRATED)


@pytest.fixture(autouse=True)
def shared_fixtures(request, django_db_blocker):
    """Those that the test asks for are there, and no others (tests.shared); before its own transaction."""
    functions = wanted_by(request.node)
    if not functions and not levels:
        return
    request.getfixturevalue("django_db_setup")
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or not {
        "transactional_db",
        "live_server",
    }.isdisjoint(request.fixturenames)
    with django_db_blocker.unblock():
        levels.bring_to(functions, commits)


def pytest_itemcollected(item):
    item.fixturenames.remove("shared_fixtures")
    item.fixturenames.insert(0, "shared_fixtures")


@pytest.fixture(autouse=True)
def nothing_kept():
    """Keys of the cache hold primary keys, and every test counts those from one again."""
    cache.clear()


def pytest_addoption(parser):
    parser.addoption(
        "--long",
        action="store_true",
        help="also the tests marked `long`, and hypothesis with its long profile",
    )


def pytest_configure(config):
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "ci")


def pytest_collection_finish():
    """What is loaded by now stays for good; looking through it for garbage again and again took a twentieth of the
    time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def asks_a_database(item) -> bool:
    """Whether a test says so: one that does not may not ask it anything."""
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames))


def pytest_collection_modifyitems(config, items):
    """Leaves out what does not belong to this run. Nothing is ever skipped: a skip looks like a pass."""
    unwanted = {"postgres_only"} if connection.vendor == "sqlite" else {"sqlite_only", "any_database"}
    if not config.getoption("--long"):
        unwanted.add("long")
    kept, left_out = [], []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if not asks_a_database(item):
            marks.add("any_database")
        (left_out if unwanted & marks else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
