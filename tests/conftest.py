"""How the whole suite runs: which tests belong to this run, and how much hypothesis tries."""

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection

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


def pytest_collection_modifyitems(config, items):
    """Leaves out what does not belong to this run. Nothing is ever skipped: a skip looks like a pass."""
    unwanted = {"postgres_only" if connection.vendor == "sqlite" else "sqlite_only"}
    if not config.getoption("--long"):
        unwanted.add("long")
    kept, left_out = [], []
    for item in items:
        (left_out if unwanted & {mark.name for mark in item.iter_markers()} else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
