"""Attachments and pictures: Wagtail's documents and images, whose file never changes once saved.

A replaced attachment would be public at once, before anyone has signed it. So replacing one means
uploading a new one and citing that. The names that a live guide shows of a file are signed with the guide,
so they stay as well while it is live.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from servicepages.file_contents import check_attachment


class FileNeverChanges(models.Model):
    """Refuses to save another file over the one that is stored, and another name over one that a live guide
    shows."""

    # What a guide shows of a file beside its content.
    names_shown = ("title",)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if stored := self._stored():
            if stored["file"] and stored["file"] != self.file.name:
                raise ValidationError(
                    _("A stored file is never replaced: upload the new one and cite it instead.")
                )
            self._keep_names(stored)
        super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        self._keep_names(self._stored())

    def _stored(self) -> dict | None:
        """The row as it is in the database; None for a new file."""
        if not self.pk:
            return None
        return type(self)._base_manager.filter(pk=self.pk).values("file", *self.names_shown).first()

    def _keep_names(self, stored):
        """Collection, tags and what else nobody signs may change at any time."""
        from servicepages.files import is_shown_by_live_item

        changed = [name for name in self.names_shown if stored and stored[name] != getattr(self, name)]
        if changed and is_shown_by_live_item(self):
            sentence = _(
                "A published guide shows this file by its name, so the name stays. Upload it anew under the "
                "new name and cite that."
            )
            raise ValidationError(dict.fromkeys(changed, sentence))


class Attachment(FileNeverChanges, AbstractDocument):  # noqa: DJ008 - Wagtail's gives the title
    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def clean(self):
        super().clean()
        if self.file and not self.file._committed:
            check_attachment(self.file)


class Picture(FileNeverChanges, AbstractImage):  # noqa: DJ008 - Wagtail's gives the title
    admin_form_fields = Image.admin_form_fields
    names_shown = ("title", "description")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")


class Rendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="unique_rendition"
            )
        ]
