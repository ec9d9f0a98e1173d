"""One digest for each person and day: what is overdue, what is due, and what is new."""

from datetime import date
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reviewflow.mailing import in_words, one_line, preferences_address, wake_worker_on_commit, whole_address
from reviewflow.models.messages import Mail, Notice


def gather_digests(today: date) -> None:
    """Everybody's waiting notices become the digest of the day; who has had today's waits for tomorrow's."""
    waiting = Notice.objects.waiting().that_can_be_mailed().filter(immediate=False)
    had = Mail.objects.filter(digest_on=today).values("person")
    people = waiting.exclude(person__in=had).order_by("person").values_list("person", flat=True).distinct()
    for person in list(people):
        _digest_for(person, today)


@transaction.atomic
def _digest_for(person_id, today) -> None:
    notices = list(
        Notice.objects.waiting()
        .filter(immediate=False, person=person_id)
        .select_for_update(of=("self",))
        .select_related("person")
        .order_by("day", "pk")
    )
    if not notices:  # another worker has gathered them meanwhile
        return
    # After days without a scan there are several of one deadline, of which the last one counts.
    lines = {(notice.kind, notice.about): notice for notice in notices}
    with translation.override(settings.LANGUAGE_CODE):
        mail = _freeze(sorted(lines.values(), key=lambda each: (each.urgency, each.day, each.pk)), today)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
    wake_worker_on_commit()


def _freeze(notices, today) -> Mail:
    person = notices[0].person
    sections = [
        {
            "heading": Notice.Urgency(urgency).label,
            "notices": [
                {"subject": each.subject, "lines": each.lines, "url": whole_address(each.url)}
                for each in group
            ],
        }
        for urgency, group in groupby(notices, key=lambda each: each.urgency)
    ]
    subject = _("Your deadlines: %(sections)s") % {
        "sections": _(", ").join(f"{each['heading']} {len(each['notices'])}" for each in sections)
    }
    blocks = []
    for section in sections:
        blocks.append(f"【{section['heading']}】")
        for notice in section["notices"]:
            blocks.append("\n".join(filter(None, [notice["subject"], *notice["lines"], notice["url"]])))
    return Mail.objects.create(
        person=person,
        address=person.email,
        digest_on=today,
        subject=one_line(f"{settings.SITE_NAME} | {subject}"),
        text=in_words(blocks),
        html=render_to_string(
            "reviewflow/mail/digest.html",
            {
                "sections": sections,
                "site_name": settings.SITE_NAME,
                "subject": subject,
                "preferences": preferences_address(),
            },
        ),
    )
