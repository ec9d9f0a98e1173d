"""What the reports of the search hand out as a file."""

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class SafeSpreadsheetMixin:
    """For a ReportView whose rows hold what people have typed."""

    def stream_csv(self, rows):
        """With the mark by which Excel knows UTF-8."""
        yield b"\xef\xbb\xbf"
        yield from super().stream_csv(rows)

    def preprocess_field_value(self, field, value, export_format):
        """People type what they like, formulas too. In an xlsx, Wagtail makes every cell a text."""
        value = super().preprocess_field_value(field, value, export_format)
        if export_format == self.FORMAT_CSV and isinstance(value, str) and value.startswith(FORMULAS):
            return f"'{value}"
        return value
