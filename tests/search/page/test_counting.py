"""What is counted of searches and choices."""

import re

import pytest
from django.urls import reverse

from search.models import ChosenGuide, SearchedText
from search.views import search
from servicepages.models import ServiceItemPage


def test_a_search_is_counted_once(ask, client, marriage, counted):
    ask("婚姻")
    ask("量子计算机")
    ask("婚姻", page=1)
    ask("婚姻", online="yes")
    ask("婚姻", sort="name")
    ask("")
    client.head(reverse("search:search"), {"q": "婚姻"})
    assert counted == [("searched", "婚姻", 1, "all"), ("searched", "量子计算机", 0, "nothing")]


def test_a_search_is_counted_when_its_page_was_sent(rf, ask, marriage, counted):
    """Whatever is being written meanwhile, nobody waits for it. The client closes what it got, as a server does."""
    response = search(rf.get(reverse("search:search"), {"q": "婚姻"}))
    assert "内地居民" in response.content.decode()
    assert counted == []
    ask("婚姻")
    assert counted == [("searched", "婚姻", 1, "all")]


def test_a_choice_is_counted_with_its_rank(ask, client, guide, counted):
    for number in range(3):
        guide(f"收养登记{number}")
    counted.clear()
    page = ask("收养登记")
    name = page.hits[1]
    response = client.get(page.links[name])
    chosen = ServiceItemPage.objects.get(title=name)
    assert (response.status_code, response.url) == (302, chosen.url)
    assert "no-store" in response["Cache-Control"]
    assert counted[1:] == [("chosen", "收养登记", chosen.pk, 2)]


def test_the_log_is_written(ask, client, marriage):
    client.get(ask("婚姻").links["内地居民婚姻登记"])
    assert SearchedText.objects.get().text == "婚姻"
    assert ChosenGuide.objects.get().ranks == 1


def test_no_number_of_somebody_is_kept_because_the_query_was_shortened(ask, follow, client, marriage):
    """Neither as it was typed, nor from the form or a link of the page, nor with a choice."""
    typed = "婚姻，" * 65 + "13800000000"
    page = ask(typed)
    assert page.hits
    shown = re.search(r'name="q" value="([^"]*)"', page)[1]
    ask(shown)
    client.get(page.links[page.hits[0]])
    kept = [*SearchedText.objects.values_list("text", flat=True)]
    kept += ChosenGuide.objects.values_list("text", flat=True)
    assert len(kept) == 3
    assert "138" not in "".join([*kept, *page.links.values()])


@pytest.mark.parametrize(
    "said", ["", "?q=婚姻", "?q=婚姻&rank=", "?q=婚姻&rank=-1", "?rank=1", "?q=婚姻&rank=" + "9" * 400]
)
def test_a_choice_without_query_or_rank_leads_on_uncounted(client, marriage, counted, said):
    address = reverse("search:choose", args=[marriage.pk])
    assert client.get(address + said).url == marriage.url
    assert counted == []


def test_looking_ahead_counts_nothing(client, marriage, counted):
    address = reverse("search:choose", args=[marriage.pk]) + "?q=婚姻&rank=1"
    assert client.head(address).status_code == 302
    assert client.post(address).status_code == 405
    assert counted == []


@pytest.mark.parametrize("key", [0, 999_999, 10**30])
def test_a_choice_of_nothing(client, city, counted, key):
    assert client.get(f"/search/go/{key}/?q=婚姻&rank=1").status_code == 404
    assert counted == []
