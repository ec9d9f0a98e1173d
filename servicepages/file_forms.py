"""The forms of attachments and pictures in the admin.

Apart from servicepages.forms, because Wagtail's own forms of files need the models to be there.
"""

from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm


class FileStaysForm:
    """The edit form of a stored file: its title and collection may change, its content never does."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "file" in self.fields:
            self.fields["file"].disabled = True
            self.fields["file"].help_text = _(
                "A stored file is never replaced: upload the new one and cite it instead."
            )


class AttachmentForm(FileStaysForm, BaseDocumentForm):
    pass


class PictureForm(FileStaysForm, BaseImageForm):
    pass
