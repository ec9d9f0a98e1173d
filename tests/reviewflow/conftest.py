"""What the tests of the review have in common."""

import pytest
from wagtail.models import Page

from search import following


@pytest.fixture(scope="package", autouse=True)
def no_search_index():
    """Items are in no index: nobody searches here, and indexing took an eighth of the time. That the index follows
    publication is shown in tests/search and in the browser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "get_indexed_instance", lambda page: None)
        patch.setattr(following, "follow", lambda keys, **kwargs: 0)
        yield
