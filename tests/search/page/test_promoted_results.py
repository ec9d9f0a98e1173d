"""Pages that editors promote for a query."""

import pytest
from wagtail.contrib.search_promotions.models import Query, SearchPromotion


@pytest.fixture
def promote():
    def make(query, **fields):
        return SearchPromotion.objects.create(query=Query.get(query), **fields)

    return make


def test_promoted_pages_stand_above_the_hits(ask, marriage, guide, promote):
    other = guide("离婚登记")
    promote("婚姻", page=other.page_ptr, description="先看这个。")
    page = ask("婚姻")
    assert page.links["离婚登记"] == other.url
    assert page.index("离婚登记") < page.index('class="hits"')
    assert "先看这个。" in page
    assert page.hits == ["内地居民婚姻登记"]


def test_promoted_results_of_a_query_that_finds_nothing(ask, promote, marriage):
    promote("量子计算机", external_link_url="https://example.org/q", external_link_text="量子所")
    assert ask("量子計算機").links["量子所"] == "https://example.org/q"


def test_only_published_pages_are_promoted(ask, marriage, draft, guide, promote):
    gone = guide("注销的事项")
    gone.unpublish()
    promote("婚姻", page=draft("草稿事项").page_ptr)
    promote("婚姻", page=gone.page_ptr)
    page = ask("婚姻")
    assert "草稿事项" not in page
    assert "注销的事项" not in page
    assert "promotion" not in page


def test_a_search_leaves_no_trace_in_wagtails_own_log(ask, marriage):
    ask("婚姻")
    assert not Query.objects.exists()
