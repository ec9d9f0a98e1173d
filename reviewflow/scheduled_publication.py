"""Publishes and withdraws by the clock, page by page, in the place of Wagtail's command.

The stock command aborts at the first page that is refused, and by then its schedule is gone. Here each page
has a transaction of its own: what is refused keeps its schedule, is tried again the next time, and holds
nobody up; its owner and the coordination team are told once.
"""

import logging
import zlib
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import DraftStateMixin, Page, Revision

from reviewflow import notices
from reviewflow.coordination import team_of
from reviewflow.log_actions import log_refusal_once
from servicepages.models import User

logger = logging.getLogger(__name__)


@dataclass
class Done:
    """Counts of one run."""

    published: int = 0
    expired: int = 0
    refused: list[str] = field(default_factory=list)


def publish_due() -> Done:
    """Takes down what has expired and publishes what is due."""
    done = Done()
    with translation.override(settings.LANGUAGE_CODE):
        for model in scheduled_models():
            expired = model.objects.filter(live=True, expire_at__lt=timezone.now()).order_by(
                "expire_at", "pk"
            )
            for pk in list(expired.values_list("pk", flat=True)):
                _expire(model, pk, done)
        for pk in list(due_revisions().values_list("pk", flat=True)):
            _publish(pk, done)
    return done


def scheduled_models() -> list:
    """The models that Wagtail's command serves: pages, and everything else that has a draft."""
    others = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *others]


def due_revisions():
    return Revision.objects.filter(approved_go_live_at__lt=timezone.now()).order_by(
        "approved_go_live_at", "pk"
    )


def _expire(model, pk, done):
    try:
        with transaction.atomic():
            row = model.objects.select_for_update().filter(pk=pk, live=True).first()
            if row is None:
                return
            row.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    except Exception:
        logger.exception("%s %s has expired and could not be taken down", model._meta.label, pk)
        done.refused.append(f"{model._meta.label} {pk}")
    else:
        done.expired += 1


def _publish(pk, done):
    revision = None
    try:
        with transaction.atomic():
            revision = (
                Revision.objects.select_for_update()
                .filter(pk=pk, approved_go_live_at__lt=timezone.now())
                .first()
            )
            if revision is None:  # cancelled, or published by another worker
                return
            revision.publish(log_action="wagtail.publish.scheduled")
    except ValidationError as refusal:
        _refused(revision, " ".join(refusal.messages), done)
    except OperationalError:  # the database was busy: nothing is wrong with the page
        logger.exception("revision %s is tried again", pk)
        done.refused.append(f"revision {pk}")
    except Exception:
        logger.exception("revision %s could not be published at its time", pk)
        _refused(revision, _("An error prevented its publication at the time it names."), done)
    else:
        done.published += 1


@transaction.atomic
def _refused(revision, reason, done):
    """Notes and tells a refusal, once for a revision and a reason. The reason names who has not signed."""
    done.refused.append(f"{revision}: {reason}")
    page = Page.objects.filter(pk=revision.object_id).first() if _is_of_page(revision) else None
    if page is None:
        logger.warning("%s was not published at its time: %s", revision, reason)
        return
    page = page.specific
    if not log_refusal_once(page, revision, reason):
        return
    notices.tell(
        people_to_tell(page, revision),
        _("Not published: %(title)s") % {"title": page.get_admin_display_title()},
        [
            reason,
            _("It was to go public at %(moment)s. It keeps its schedule, and goes public as soon as it may.")
            % {"moment": timezone.localtime(revision.approved_go_live_at).strftime("%Y-%m-%d %H:%M")},
        ],
        reverse("item_or_record", args=[page.pk]),
        kind=notices.Notice.Kind.NOT_PUBLISHED,
        about=f"revision:{revision.pk}:refused:{zlib.crc32(reason.encode()):08x}",
    )


def _is_of_page(revision) -> bool:
    return issubclass(revision.base_content_type.model_class() or object, Page)


def people_to_tell(page, revision) -> list[User]:
    """Who submitted that revision, the page's owner, and the coordination team."""
    submitters = User.objects.filter(submissions__revision=revision)
    people = [*submitters, *([page.owner] if page.owner else []), *team_of(page)]
    return list({person.pk: person for person in people}.values())
