"""The visitor's place."""

import re

import pytest


def shown_place(page):
    return re.search(r'<span class="hit__region">(.*?)</span>', page)[1]


def test_the_chosen_place_comes_first_and_is_remembered(ask, in_two_places, client):
    for code, name in (("230382", "密山市"), ("230300", "鸡西市")):
        page = ask("收养", place=code)
        assert shown_place(page) == name
        cookie = page.response.cookies["place"]
        assert cookie.value == code
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] >= 300 * 24 * 60 * 60
        assert shown_place(ask("收养")) == name
        assert f'value="{code}" selected' in ask("收养")


def test_the_place_can_be_forgotten(ask, in_two_places, client):
    ask("收养", place="230382")
    page = ask("收养", place="")
    assert " selected" not in page
    assert "place" not in client.cookies or not client.cookies["place"].value
    assert " selected" not in ask("收养")


@pytest.mark.parametrize("wrong", ["999999", "密山市", "' OR 1=1 --", "\u0662\u0663", "2" * 5000])
def test_a_place_that_is_not_there_is_none(ask, in_two_places, client, wrong):
    page = ask("收养", place=wrong)
    assert "place" not in page.response.cookies
    assert " selected" not in page


@pytest.mark.parametrize("wrong", ["999999", "2" * 3000, '"', "%00", "\\xff"])
def test_a_cookie_that_names_no_place_is_none(ask, in_two_places, client, wrong):
    client.cookies["place"] = wrong
    assert " selected" not in ask("收养")


def test_pages_are_not_kept_for_people_of_another_place(ask, marriage):
    assert "Cookie" in ask("婚姻").response["Vary"]
