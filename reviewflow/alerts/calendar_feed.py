"""A person's open deadlines as a calendar (RFC 5545, RFC 7986), for Outlook or a phone, at a secret address.

Whoever has the address reads it without a login. It holds names of items that are not public yet, and nothing else
of them.
"""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from reviewflow.alerts.open_deadlines import deadlines_of
from reviewflow.mailing import one_line, whole_address
from reviewflow.models import CalendarLink
from servicepages.models import User

# A check lies a year ahead, and nobody plans its day by then.
AHEAD = timedelta(days=183)
# An office may have thousands of items before it on one day, which no calendar shows.
AT_MOST = 500
READ_AGAIN_AFTER = timedelta(hours=1)


class Entry(NamedTuple):
    uid: str
    day: date
    summary: str
    description: str
    url: str


@require_safe
@sensitive_variables("token")
def calendar_feed(request, token):
    """404 for an address that is none, or none any more, and for people who are deactivated."""
    link = CalendarLink.of_token(token)
    if link is None:
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Deadlines | %(site)s") % {"site": settings.SITE_NAME}
        entries = entries_of(link.person, timezone.localdate())
        content = as_calendar(title, entries, timezone.now())
    # Weak: the same but for the moment in which it was written.
    etag = f'W/"{sha256(repr((title, entries)).encode()).hexdigest()}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-store",
        "Content-Disposition": 'inline; filename="deadlines.ics"',
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=etag, response=response)


def entries_of(person: User, today: date) -> list[Entry]:
    """In the language that is active; what is due first at the top, and last, where there are too many, how many
    are left out."""
    site = urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname
    deadlines = sorted(deadlines_of(person, today, today + AHEAD), key=lambda each: (each.due_on, each.about))
    entries = [_entry(deadline, today, site) for deadline in deadlines[:AT_MOST]]
    if count := len(deadlines) - len(entries):
        url = whole_address(reverse("wagtailadmin_home"))
        summary = ngettext(
            "%(count)d more deadline, which this calendar leaves out",
            "%(count)d more deadlines, which this calendar leaves out",
            count,
        ) % {"count": count}
        entries.append(Entry(f"more@{site}", deadlines[AT_MOST].due_on, summary, url, url))
    return entries


def _entry(deadline, today, site) -> Entry:
    summary = one_line(deadline.what)
    if deadline.is_provisional:
        summary = _("%(what)s (provisional date)") % {"what": summary}
    if deadline.due_on < today:
        summary = _("Overdue: %(what)s") % {"what": summary}
    url = whole_address(deadline.url)
    # Several calendars show no URL; its text they all show.
    return Entry(f"{deadline.about.replace(':', '-')}@{site}", deadline.due_on, summary, url, url)


def as_calendar(title: str, entries: list[Entry], now: datetime) -> bytes:
    """Events of a whole day each, which take nobody's time and ring no bell: the mails remind.

    Without SEQUENCE and LAST-MODIFIED, because nobody notes when a deadline was moved; DTSTAMP is when this was
    written, as it is where there is a METHOD.
    """
    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", f"-//{urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname}//Deadlines//ZH")
    calendar.add("METHOD", "PUBLISH")
    calendar.calendar_name = title
    calendar.add("REFRESH-INTERVAL", READ_AGAIN_AFTER, {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", icalendar.vDuration(READ_AGAIN_AFTER))  # Outlook's name for it
    for entry in entries:
        calendar.add_component(
            icalendar.Event.new(
                uid=entry.uid,
                stamp=now,
                start=entry.day,
                end=entry.day + timedelta(days=1),
                summary=entry.summary,
                description=entry.description,
                url=entry.url,
                status="CONFIRMED",
                transparency="TRANSPARENT",
                classification="PRIVATE",
            )
        )
    return calendar.to_ical()
