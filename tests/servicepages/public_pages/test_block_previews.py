"""What an editor is shown of a block in the chooser."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.fields import StreamField

from servicepages.models import ServiceItemPage

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def _blocks_of_an_item():
    return [
        pytest.param(block, id=f"{field.name}.{name}")
        for field in ServiceItemPage._meta.get_fields()
        if isinstance(field, StreamField)
        for name, block in field.stream_block.child_blocks.items()
    ]


@pytest.mark.parametrize("block", _blocks_of_an_item())
def test_a_block_has_a_preview_that_looks_like_the_guide(admin_client, block):
    response = admin_client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})
    soup = BeautifulSoup(response.content, "html.parser")
    assert soup.select_one("link[href*='cms/site.css']")
    assert soup.main.get_text(strip=True)
