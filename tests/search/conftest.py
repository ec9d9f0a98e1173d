"""A small city to search in: one place with one department, and guides as a test wants them."""

import pytest

from tests.factories import AttachmentFactory, DepartmentFactory, RegionFactory, add_item, publish
from tests.shared import shared


@shared
def city():
    return RegionFactory()


@shared
def department(city):
    return DepartmentFactory(region=city, name="民政局", phone="0467-1234567")


def published(department, title, **fields):
    return publish(add_item(department, title=title, **fields))


@pytest.fixture
def draft(department):
    """Makes a guide that was never published: draft("婚姻登记", who_may_apply="…")."""

    def make(title, *, department=department, **fields):
        return add_item(department, title=title, **fields)

    return make


@pytest.fixture
def guide(draft):
    """Makes a published guide."""

    def make(title, **fields):
        return publish(draft(title, **fields))

    return make


@pytest.fixture
def attachment(db):
    return AttachmentFactory()
