"""A page without hits leads on."""

from servicepages.models import DepartmentPage


def test_nothing_found_says_so_and_where_to_go_on(ask, marriage, department):
    page = ask("量子計算機")
    assert page.hits == []
    assert "量子计算机" in page, "what was understood"
    assert DepartmentPage.objects.get(department=department).url in page
    assert "0467-1234567" in page
    assert "/topics/" in page


def test_nothing_found_offers_names_for_which_a_little_speaks(ask, guide):
    guide("住房公积金提取", who_may_apply="职工退休后可以提取")
    guide("食品经营许可")
    page = ask("退休金领取手续")
    assert page.hits == []
    assert "住房公积金提取" in page
    assert "食品经营许可" not in page
    assert "经营许可" not in ask("太空旅行许可证"), "what services do says nothing by itself"


def test_nothing_is_offered_for_one_character_of_what_was_typed(ask, guide):
    guide("做买卖")
    assert ask("做").hits == ["做买卖"]
    assert "做买卖" not in ask("红烧肉怎么做")
