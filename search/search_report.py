"""The report of searches: what people search, what finds nothing, what they choose and at which rank.

For the city's coordination team, which makes everyday names of it.
"""

from datetime import timedelta

import django_filters
from django.contrib.auth.models import Permission
from django.db.models import Q, Sum
from django.forms import CheckboxSelectMultiple
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.contrib.search_promotions.models import Query
from wagtail.contrib.search_promotions.views import CreateView as CreatePromotionView
from wagtail.permission_policies import ModelPermissionPolicy

from search.admin_everyday import address_of_new
from search.models import ChosenGuide, EverydayName, Guide, SearchedText
from search.models.everyday import MAX_PHRASE
from search.personal_data import MASK
from search.queries import How
from search.text import key_of, normalise
from servicepages.reports import Report

LAST_WEEK, LAST_MONTH, LAST_YEAR = 7, 30, 365
NOTHING, REWRITTEN, NEVER_CHOSEN = "nothing", "rewritten", "never-chosen"
# So many texts are looked up at once: databases limit the values in a query.
CHUNK = 500

ANSWERED = {
    How.CODE: gettext_lazy("by code"),
    How.ALL: gettext_lazy("as typed"),
    How.MEANING: gettext_lazy("without the chatter"),
    How.SOUND: gettext_lazy("by its sound"),
    How.NEAR: gettext_lazy("by a name nearly the same"),
    How.ANY: gettext_lazy("by some of its words"),
    How.NOTHING: gettext_lazy("not at all"),
}
permission_policy = ModelPermissionPolicy(SearchedText)


class SearchReportFilterSet(WagtailFilterSet):
    period = django_filters.ChoiceFilter(
        label=gettext_lazy("Period"),
        method="unchanged",
        empty_label=gettext_lazy("the last 30 days"),
        choices=[
            (LAST_WEEK, gettext_lazy("the last 7 days")),
            (LAST_YEAR, gettext_lazy("the last 365 days")),
        ],
    )
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Only what"),
        method="of_kind",
        widget=CheckboxSelectMultiple,
        choices=[
            (NOTHING, gettext_lazy("found nothing")),
            (REWRITTEN, gettext_lazy("was rewritten")),
            (NEVER_CHOSEN, gettext_lazy("led to no guide")),
        ],
    )

    class Meta:
        model = SearchedText
        fields = ["period", "kind"]

    def unchanged(self, queryset, name, value):
        """The period is in the queryset already: sums are over its days."""
        return queryset

    def of_kind(self, queryset, name, values):
        """Whatever is of one of the kinds."""
        everything = SearchedText.objects.all()
        wanted = Q()
        if NOTHING in values:
            wanted |= Q(pk__in=everything.finding_nothing().values("pk"))
        if REWRITTEN in values:
            wanted |= Q(pk__in=everything.rewritten().values("pk"))
        if NEVER_CHOSEN in values:
            wanted |= Q(found__gt=0, chosen_times=0)
        return queryset.filter(wanted)


class SearchedTextColumn(Column):
    """The text, which leads to what the public finds with it, and what can be made of it."""

    cell_template_name = "search/admin/searched_text_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        user = parent_context["request"].user
        context["searched"] = instance
        context["may_add_name"] = user.has_perm("search.add_everydayname")
        context["may_change_name"] = user.has_perm("search.change_everydayname")
        context["may_promote"] = user.has_perm("wagtailsearchpromotions.add_searchpromotion")
        return context


def _mean_rank(searched):
    if searched.mean_rank is None:
        return ""
    return number_format(searched.mean_rank, 1)


def _last_day(searched):
    """Only the day is known, so none of Wagtail's "6 hours ago"."""
    return date_format(searched.day, "SHORT_DATE_FORMAT")


class SearchReport(Report):
    page_title = gettext_lazy("Searches")
    header_icon = "search"
    index_url_name = "search_report"
    index_results_url_name = "search_report_results"
    results_template_name = "search/admin/search_report_results.html"
    filterset_class = SearchReportFilterSet
    permission_policy = permission_policy
    any_permission_required = ["view"]
    is_searchable = True
    search_fields = ["text"]
    default_ordering = "-total"
    columns = [
        SearchedTextColumn("text", label=gettext_lazy("Searched"), sort_key="text", width="34%"),
        NumberColumn("total", label=gettext_lazy("Times"), sort_key="total"),
        NumberColumn("found", label=gettext_lazy("Found"), sort_key="found"),
        Column("answered", label=gettext_lazy("Answered"), sort_key="how"),
        NumberColumn("chosen_times", label=gettext_lazy("Chosen"), sort_key="chosen_times"),
        Column("mean_rank", label=gettext_lazy("Mean rank"), accessor=_mean_rank, sort_key="mean_rank"),
        Column("chosen_most", label=gettext_lazy("Chosen most")),
        Column(
            "day",
            label=gettext_lazy("Last"),
            accessor=_last_day,
            sort_key="day",
            classname="w-whitespace-nowrap",
        ),
    ]
    list_export = ["text", "total", "found", "answered", "chosen_times", "mean_rank", "chosen_most", "day"]
    export_headings = {
        "text": gettext_lazy("Searched"),
        "total": gettext_lazy("Times"),
        "found": gettext_lazy("Found"),
        "answered": gettext_lazy("Answered"),
        "chosen_times": gettext_lazy("Chosen"),
        "mean_rank": gettext_lazy("Mean rank"),
        "chosen_most": gettext_lazy("Chosen most"),
        "day": gettext_lazy("Last"),
    }

    @property
    def since(self):
        """The first day of the period that was asked for; today is its last."""
        asked = self.request.GET.get("period")
        days = int(asked) if asked in (str(LAST_WEEK), str(LAST_YEAR)) else LAST_MONTH
        return timezone.localdate() - timedelta(days=days - 1)

    def get_queryset(self):
        return self.order_queryset(SearchedText.objects.last_of_each(self.since))

    def order_queryset(self, queryset):
        """The text decides among equals, so that no page repeats what another has."""
        return (
            super()
            .order_queryset(queryset)
            .order_by(*super().order_queryset(queryset).query.order_by, "text")
        )

    def get_filtered_queryset(self):
        return self.search_queryset(super().get_filtered_queryset())

    def search_queryset(self, queryset):
        """Texts are kept normalised, so what is looked for is too."""
        return queryset.filter(text__contains=normalise(self.search_query).strip())

    def decorate_paginated_queryset(self, rows):
        say_more(rows, self.since)
        return rows

    def get_context_data(self, **kwargs):
        in_short = SearchedText.objects.filter(day__gte=self.since).in_short()
        chosen = ChosenGuide.objects.filter(day__gte=self.since).aggregate(
            times=Sum("times"), ranks=Sum("ranks")
        )
        in_short["chosen"] = chosen["times"] or 0
        in_short["mean_rank"] = chosen["ranks"] / chosen["times"] if chosen["times"] else None
        return super().get_context_data(in_short=in_short, since=self.since, **kwargs)

    def get_filename(self):
        return f"searches-{timezone.localdate():%Y-%m-%d}"

    def to_row_dict(self, searched):
        rank = searched.mean_rank
        computed = {"mean_rank": None if rank is None else round(rank, 1)}
        return {
            name: computed[name] if name in computed else getattr(searched, name) for name in self.list_export
        }


def say_more(rows, since) -> None:
    """What the report says of each row beside its own fields: a constant number of queries for each CHUNK."""
    rows = list(rows)
    for start in range(0, len(rows), CHUNK):
        _say_more(rows[start : start + CHUNK], since)


def _say_more(rows, since):
    texts = [row.text for row in rows]
    most = _chosen_most(texts, since)
    names = {name.key: name for name in EverydayName.objects.filter(key__in={key_of(text) for text in texts})}
    promoted = dict(
        Query.objects.filter(query_string__in=texts, editors_picks__isnull=False).values_list(
            "query_string", "pk"
        )
    )
    for row in rows:
        row.answered = ANSWERED.get(row.how, row.how)
        guide = most.get(row.text)
        row.chosen_most = guide.name if guide else ""
        row.everyday_name = names.get(key_of(row.text))
        # A text with a masked number in it is nobody's name for a service.
        row.new_name = (
            ""
            if row.everyday_name or MASK in row.text or len(row.text) > MAX_PHRASE
            else address_of_new(row.text, guide.pk if guide else None)
        )
        row.search_address = f"{reverse('search:search')}?{urlencode({'q': row.text})}"
        row.promotion = promoted.get(row.text)
        row.new_promotion = f"{reverse('promote_guide')}?{urlencode({'query': row.text})}"


def _chosen_most(texts, since):
    """{text: the guide that was chosen most after it}, of those in force, one of its places."""
    counted = (
        ChosenGuide.objects.filter(text__in=texts, day__gte=since)
        .values_list("text", "fold")
        .annotate(sum=Sum("times"))
        .order_by("sum", "fold")
    )
    folds = {fold for _text, fold, _sum in counted}
    # The place with the smallest key stays: as a rule the city, which filed first.
    guides = {guide.fold: guide for guide in Guide.objects.in_force().filter(fold__in=folds).order_by("-pk")}
    return {text: guides[fold] for text, fold, _sum in counted if fold in guides}


class PromoteGuide(CreatePromotionView):
    """Wagtail's form for a promoted result, with the query filled in; it is sent to Wagtail's own view."""

    def get_initial(self):
        return super().get_initial() | {"query_string": self.request.GET.get("query", "")}


class SearchReportMenuItem(MenuItem):
    def is_shown(self, request):
        return permission_policy.user_has_permission(request.user, "view")


def admin_urls():
    return [
        path("reports/searches/", SearchReport.as_view(), name="search_report"),
        path(
            "reports/searches/results/", SearchReport.as_view(results_only=True), name="search_report_results"
        ),
        path("reports/searches/promote/", PromoteGuide.as_view(), name="promote_guide"),
    ]


def reports_menu_item():
    """`register_reports_menu_item`"""
    return SearchReportMenuItem(
        _("Searches"), reverse("search_report"), name="searches", icon_name="search", order=430
    )


def permissions():
    """`register_permissions`: offered in the form of a group."""
    return Permission.objects.filter(content_type__app_label="search", codename="view_searchedtext")
