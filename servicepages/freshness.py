"""When a kept rendering of a public page is still good: while nothing it may hold has changed.

A guide takes several times as long to render as a plain page of text, and the same guide is read many
times between two changes anywhere. So its main part is kept in the cache under a token that changes
with every publication, every change in a register and every change of a file's title.
"""

import uuid

from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

KEPT_SECONDS = 3600
ROW = 1


def current_token() -> str:
    """The token under which renderings are good now; one query."""
    from servicepages.models.freshness import ContentStamp

    token = ContentStamp.objects.filter(pk=ROW).values_list("token", flat=True).first()
    return str(token) if token else renew()


def renew(**_signal) -> str:
    """Makes every kept rendering stale, from the commit of this transaction on."""
    from servicepages.models.freshness import ContentStamp

    token = uuid.uuid4()
    ContentStamp.objects.update_or_create(pk=ROW, defaults={"token": token})
    return str(token)


def _renew_after_save(raw=False, **_signal):
    if not raw:  # while fixtures are loaded the table may not be there yet
        renew()


def _renew_after_page_save(instance, raw=False, update_fields=None, **_signal):
    """A live page that was saved whole. Saving a draft touches its row too, but only bookkeeping."""
    if not raw and update_fields is None and isinstance(instance, Page) and instance.live:
        renew()


def read_token_early(request) -> None:
    """Reads the token before anything that a guide shows is read.

    Read later, it could be newer than the rows: what they held before the change would then be kept
    under the token of after.
    """
    if not hasattr(request, "_content_token"):
        request._content_token = current_token()


def rendering(request, *, keep: bool) -> dict:
    """Variables for the template's {% cache %}: for how many seconds, and under what name.

    Drafts and previews (`keep` is false), and what was not routed to by its address, are rendered each
    time: zero seconds, a name of their own.
    """
    token = getattr(request, "_content_token", None)
    if keep and token:
        return {"kept_seconds": KEPT_SECONDS, "kept_under": token}
    return {"kept_seconds": 0, "kept_under": uuid.uuid4().hex}


def connect():
    from servicepages.models import (
        Attachment,
        Department,
        Picture,
        Region,
        ServiceHall,
        ServiceWindow,
        Topic,
    )

    for model in (
        Attachment,
        Department,
        PageViewRestriction,
        Picture,
        Region,
        ServiceHall,
        ServiceWindow,
        Site,
        Topic,
    ):
        post_save.connect(_renew_after_save, sender=model, dispatch_uid=f"renew_{model.__name__}")
        post_delete.connect(renew, sender=model, dispatch_uid=f"renew_after_{model.__name__}")
    post_save.connect(_renew_after_page_save, dispatch_uid="renew_after_page_save")
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(renew, dispatch_uid="renew_content_stamp")
