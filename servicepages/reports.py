"""What every report of ours is: readable on a phone, and exported so that Excel opens it as what it is."""

from wagtail.admin.views.reports import ReportView

from servicepages.stacked_table import StackedTable

# Half-width and full-width, and the white space behind which a formula still is one.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


class Report(ReportView):
    """In an export Chinese is Chinese, and no text that somebody has typed is a formula."""

    table_class = StackedTable

    def stream_csv(self, rows):
        """With the mark by which Excel knows UTF-8."""
        yield b"\xef\xbb\xbf"
        yield from super().stream_csv(rows)

    def preprocess_field_value(self, field, value, export_format):
        """In an xlsx, Wagtail makes every cell a text, but not the headings."""
        value = super().preprocess_field_value(field, value, export_format)
        return harmless(value) if export_format == self.FORMAT_CSV else value


def harmless(value):
    """Text that would be taken for a formula, with the apostrophe by which Excel knows text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGINS_A_FORMULA) else value
