"""What every page editor loads beside Wagtail's own scripts."""

from django.templatetags.static import static
from django.utils.html import format_html


def submit_after_autosave():
    """`insert_editor_js`"""
    return format_html('<script src="{}"></script>', static("servicepages/admin/submit_after_autosave.js"))
