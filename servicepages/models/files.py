"""Attachments and pictures: Wagtail's documents and images, whose file never changes once saved.

A replaced attachment would be public at once, before anyone has signed it. So replacing one means
uploading a new one and citing that.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from servicepages.file_contents import check_attachment


class FileNeverChanges(models.Model):
    """Refuses to save another file over the one that is stored."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.pk:
            stored = type(self)._base_manager.filter(pk=self.pk).values_list("file", flat=True).first()
            if stored and stored != self.file.name:
                raise ValidationError(
                    _("A stored file is never replaced: upload the new one and cite it instead.")
                )
        super().save(*args, **kwargs)


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
