"""Who handles what, as staff look for it. Internal: nothing that the public asks reads this table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HandlerText(models.Model):
    """The words of a line of an item: who filled it in (position 0, every item has it) or the approval step
    of that number. What is shown of a line is read from the item.
    """

    item = models.ForeignKey("servicepages.ServiceItemPage", on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    # Section, handler, post and mobile number, each as `search.text.key_of` has it, with spaces between.
    text = models.TextField(blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("words of a handler")
        verbose_name_plural = _("words of handlers")
        constraints = [models.UniqueConstraint(fields=["item", "position"], name="one_text_for_each_line")]

    def __str__(self):
        return f"{self.item_id}, {self.position}"
