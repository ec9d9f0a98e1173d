"""Pages that are made anew for each test."""

import pytest
from django.core.cache import cache

from tests.servicepages.public_pages.planted import Planted


@pytest.fixture(autouse=True)
def no_cache_of_other_tests():
    """Wagtail remembers renditions by the number of their picture, which the next test gives again."""
    cache.clear()


@pytest.fixture
def rendered_each_time(monkeypatch):
    """Nothing kept from an earlier request (servicepages.freshness)."""
    monkeypatch.setattr("servicepages.freshness.KEPT_SECONDS", 0)


@pytest.fixture
def planted():
    return Planted()
