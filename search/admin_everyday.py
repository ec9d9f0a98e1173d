"""Everyday names as a list in the admin (wagtail-modeladmin), for the coordination team."""

from django.contrib.admin import RelatedOnlyFieldListFilter
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList
from wagtail_modeladmin.helpers import DjangoORMSearchHandler
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import CreateView

from search.models import EverydayName, EverydayNameItem
from search.models.everyday import MAX_PHRASE
from search.text import key_of, normalise
from servicepages.models import ServiceItemPage


class EverydayNameForm(WagtailAdminModelForm):
    def clean(self):
        """A name that means nothing would find nothing. What is wrong in a line of the items is said there."""
        values = super().clean()
        items = self.formsets["items"]
        if items.is_valid() and not values.get("topics"):
            kept = [form for form in items.forms if form not in items.deleted_forms]
            if not any(form.cleaned_data.get("page") for form in kept):
                raise ValidationError(
                    _("Choose what it means: at least one service item or one topic."), code="means_nothing"
                )
        return values

    def save(self, commit=True):
        if self.instance._state.adding:
            self.instance.added_by = self.for_user
        return super().save(commit)


class EverydayNameCreateView(CreateView):
    """`?phrase=` and `?item=` (key of a published item) are filled in: from the report of searches."""

    def get_instance(self):
        name = super().get_instance()
        if self.request.method == "GET":
            name.phrase = " ".join(self.request.GET.get("phrase", "").split())[:MAX_PHRASE]
            item = self.request.GET.get("item", "")
            if item.isdecimal() and len(item) < 16:
                pages = ServiceItemPage.objects.published().filter(pk=item)
                name.items = [EverydayNameItem(page=page) for page in pages]
        return name


def address_of_new(phrase: str, item: int | None = None) -> str:
    """The form for a new everyday name with the phrase, and an item that it means, filled in."""
    filled_in = {"phrase": phrase} | ({"item": item} if item else {})
    return f"{reverse('search_everydayname_modeladmin_create')}?{urlencode(filled_in)}"


class SearchHandler(DjangoORMSearchHandler):
    """Finds a phrase however it is written, and the names of an item."""

    def search_queryset(self, queryset, search_term, **kwargs):
        typed = normalise(search_term).strip()
        if not typed:
            return queryset
        means = EverydayNameItem.objects.filter(page__title__icontains=typed).values("name")
        wanted = Q(phrase__icontains=search_term.strip()) | Q(pk__in=means)
        if key := key_of(search_term):
            wanted |= Q(key__contains=key)
        return queryset.filter(wanted)


class EverydayNameAdmin(ModelAdmin):
    model = EverydayName
    menu_icon = "openquote"
    menu_order = 255
    list_display = ("phrase", "meaning", "added_by", "added_at")
    list_filter = (
        ("added_by", RelatedOnlyFieldListFilter),
        "added_at",
        ("topics", RelatedOnlyFieldListFilter),
    )
    list_select_related = ("added_by",)
    list_per_page = 50
    search_fields = ("phrase",)
    search_handler_class = SearchHandler
    create_view_class = EverydayNameCreateView
    edit_handler = ObjectList(
        [
            FieldPanel("phrase"),
            InlinePanel(
                "items",
                heading=gettext_lazy("Service items it means"),
                label=gettext_lazy("Service item"),
                panels=[FieldPanel("page")],
            ),
            FieldPanel("topics", widget=CheckboxSelectMultiple),
        ],
        base_form_class=EverydayNameForm,
    )

    def get_queryset(self, request):
        items = EverydayNameItem.objects.select_related("page__department__region")
        return super().get_queryset(request).prefetch_related(Prefetch("items", items), "topics")

    def meaning(self, name):
        lines = [self._item(each.page) for each in name.items.all()]
        lines += [
            format_html(
                _("topic {name} ({audience})"), name=topic.name, audience=topic.get_audience_display()
            )
            for topic in name.topics.all()
        ]
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))

    meaning.short_description = gettext_lazy("means")

    def _item(self, page):
        where = page.department.region.name if page.department else ""
        line = f"{page.title}（{where}）" if where else page.title
        return line if page.live else _("%(item)s: not published") % {"item": line}
