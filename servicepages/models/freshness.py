import uuid

from django.db import models


class ContentStamp(models.Model):
    """One row whose token changes, in the same transaction, with whatever public pages are made of.

    A rendering that was kept under a token is therefore never shown once something it holds has
    changed. In the database, because several processes share it.
    """

    token = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = "content stamp"

    def __str__(self):
        return str(self.token)
