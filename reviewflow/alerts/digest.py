"""One digest for each person and day: what is overdue, what is due, and what is new."""

from datetime import date
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reviewflow.mailing import in_words, one_line, preferences_address, wake_worker_on_commit, whole_address
from reviewflow.models.messages import Mail, Notice
from servicepages.models import User

PEOPLE_AT_A_TIME = 500
# Of their keys in one statement; SQLite takes a few more.
NOTICES_AT_A_TIME = 30_000


def gather_digests(today: date) -> None:
    """Everybody's waiting notices become the digest of the day; who has had today's waits for tomorrow's.

    A handful of queries for each PEOPLE_AT_A_TIME, however much they are told.
    """
    had = Mail.objects.filter(digest_on=today).values("person")
    waiting = _waiting().that_can_be_mailed().exclude(person__in=had)
    people = list(waiting.order_by("person").values_list("person", flat=True).distinct())
    for first in range(0, len(people), PEOPLE_AT_A_TIME):
        _digests_for(people[first : first + PEOPLE_AT_A_TIME], today)


def _waiting():
    return Notice.objects.waiting().filter(immediate=False)


@transaction.atomic
def _digests_for(people, today) -> None:
    """Of two workers that write the digest of one person, one does; what only the other has seen waits."""
    told = ("person", "pk", "kind", "about", "day", "subject", "lines", "url", "urgency")
    waiting = _waiting().filter(person__in=people).select_for_update().order_by("person_id", "day", "pk")
    addresses = dict(User.objects.filter(pk__in=people).values_list("pk", "email"))
    mails, keys = [], {}
    with translation.override(settings.LANGUAGE_CODE):
        for person, group in groupby(waiting.values_list(*told, named=True), key=lambda each: each.person):
            notices = list(group)
            keys[person] = [notice.pk for notice in notices]
            mails.append(_frozen(person, addresses[person], notices, today))
    Mail.objects.bulk_create(mails, ignore_conflicts=True)
    ours = Mail.objects.filter(message_id__in=[mail.message_id for mail in mails])
    taken = [key for person in ours.values_list("person", flat=True) for key in keys[person]]
    mail_of = Mail.objects.filter(person=OuterRef("person"), digest_on=today).values("pk")[:1]
    for first in range(0, len(taken), NOTICES_AT_A_TIME):
        notices = Notice.objects.filter(pk__in=taken[first : first + NOTICES_AT_A_TIME])
        notices.update(mail=Subquery(mail_of))
    wake_worker_on_commit()


def _frozen(person, address, notices, today) -> Mail:
    # After days without a scan there are several of one deadline, of which the last one counts.
    last = {(notice.kind, notice.about): notice for notice in notices}
    lines = sorted(last.values(), key=lambda each: (each.urgency, each.day, each.pk))
    sections = [
        {
            "heading": Notice.Urgency(urgency).label,
            "notices": [
                {"subject": each.subject, "lines": each.lines, "url": whole_address(each.url)}
                for each in group
            ],
        }
        for urgency, group in groupby(lines, key=lambda each: each.urgency)
    ]
    subject = _("Your deadlines: %(sections)s") % {
        "sections": _(", ").join(f"{each['heading']} {len(each['notices'])}" for each in sections)
    }
    blocks = []
    for section in sections:
        blocks.append(f"【{section['heading']}】")
        for notice in section["notices"]:
            blocks.append("\n".join(filter(None, [notice["subject"], *notice["lines"], notice["url"]])))
    return Mail(
        person_id=person,
        address=address,
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
