"""The registers as lists in the admin (wagtail-modeladmin)."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup

from servicepages.models import Department, Region, ServiceHall, Topic


class RegionAdmin(ModelAdmin):
    model = Region
    menu_label = _("Regions")
    menu_icon = "globe"
    list_display = ("name", "kind", "code", "parent")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("name", "code")
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("code")]),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("parent")]),
            FieldPanel("sort_order"),
        ]
    )


class DepartmentAdmin(ModelAdmin):
    model = Department
    menu_label = _("Departments")
    menu_icon = "group"
    list_display = ("name", "region", "kind", "phone")
    list_filter = ("region", "kind")
    list_select_related = ("region",)
    list_per_page = 50
    search_fields = ("name", "short_name", "region__name")
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("region"), FieldPanel("kind")]),
                    FieldRowPanel([FieldPanel("name"), FieldPanel("short_name")]),
                    FieldPanel("credit_code"),
                ],
                heading=_("Department"),
            ),
            MultiFieldPanel([FieldPanel("phone"), FieldPanel("address")], heading=_("For the public")),
            InlinePanel(
                "contacts",
                heading=_("Contact people (internal)"),
                label=_("Contact person"),
                panels=[
                    FieldRowPanel([FieldPanel("role"), FieldPanel("name"), FieldPanel("post")]),
                    FieldRowPanel([FieldPanel("office_phone"), FieldPanel("mobile"), FieldPanel("user")]),
                ],
            ),
            FieldPanel("sort_order"),
        ]
    )


class ServiceHallAdmin(ModelAdmin):
    model = ServiceHall
    menu_label = _("Service halls")
    menu_icon = "home"
    list_display = ("name", "region", "address", "phone")
    list_filter = ("region",)
    list_select_related = ("region",)
    search_fields = ("name", "address")
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("region")]),
            FieldPanel("address"),
            FieldRowPanel([FieldPanel("opening_hours"), FieldPanel("phone")]),
            FieldPanel("directions"),
            FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")], heading=_("Map position")),
            InlinePanel(
                "windows",
                heading=_("Windows"),
                label=_("Window"),
                panels=[FieldRowPanel([FieldPanel("name"), FieldPanel("floor"), FieldPanel("phone")])],
            ),
            FieldRowPanel([FieldPanel("slug"), FieldPanel("sort_order")]),
        ]
    )


class TopicAdmin(ModelAdmin):
    model = Topic
    menu_label = _("Topics")
    menu_icon = "tag"
    list_display = ("name", "audience", "code")
    list_filter = ("audience",)
    search_fields = ("name", "code")
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("audience")]),
            FieldRowPanel([FieldPanel("code"), FieldPanel("sort_order")]),
        ]
    )


class RegistersGroup(ModelAdminGroup):
    menu_label = _("Registers")
    menu_icon = "list-ul"
    menu_order = 250
    items = (RegionAdmin, DepartmentAdmin, ServiceHallAdmin, TopicAdmin)
