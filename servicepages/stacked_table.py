"""Wagtail's table, whose rows can be read on a narrow screen."""

from django.templatetags.static import static
from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe
from wagtail.admin.ui.tables import BaseColumn, Table, TitleColumn


def styles():
    """`insert_global_admin_css`, for tables in templates, too: the class is `stacked`, and a cell's heading stands
    in its `data-label`"""
    return format_html('<link rel="stylesheet" href="{}">', static("servicepages/admin/stacked_table.css"))


class StackedTable(Table):
    """Below 50em a row's cells stand one below the other, each behind its column's heading; empty ones are left
    out."""

    classname = "listing stacked"

    class Row(Table.Row):
        def __getitem__(self, name):
            return _Cell(self.columns[name], self.instance)

    @property
    def rows(self):
        for index, instance in enumerate(self.data):
            yield self.Row(self, instance, index)


class _Cell(BaseColumn.Cell):
    """Columns bring their own templates, in which there is no place for one more attribute."""

    def render_html(self, parent_context):
        html = super().render_html(parent_context)
        if isinstance(self.column, TitleColumn) or not self.column.label:
            return html
        heading = (
            format_html('data-label="{}"', self.column.label) if strip_tags(html).strip() else "data-empty"
        )
        return mark_safe(html.replace("<td", f"<td {heading}", 1))  # noqa: S308 a rendered cell
