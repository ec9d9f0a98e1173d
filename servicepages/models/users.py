from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who logs in. A model of ours from the first day, since it cannot be changed later."""

    home_department = models.ForeignKey(
        "servicepages.Department",
        verbose_name=_("home department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        help_text=_(
            "The department this person comes from. Nobody seconded to a reviewing office signs an "
            "item of the department they come from."
        ),
    )

    def __str__(self):
        return self.get_full_name() or self.get_username()

    def get_full_name(self):
        """Family name first, unspaced, as Chinese names are written; spaced for Latin ones."""
        separator = "" if self.last_name and not self.last_name.isascii() else " "
        return separator.join(part for part in (self.last_name, self.first_name) if part)
