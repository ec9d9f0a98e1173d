"""What the sample catalogue has ever created, so that loading it again undoes nobody's work.

Each creation is in Wagtail's log, which outlives what was created; the sample's entries carry a key.
A key that was ever entered is never created again: not after it was renamed, changed or deleted.
"""

from wagtail.log_actions import log
from wagtail.models import ModelLogEntry, PageLogEntry

KEY = "sample"
CREATE = "wagtail.create"


class Ledger:
    def __init__(self):
        self.keys = set()
        for entries in (ModelLogEntry, PageLogEntry):
            marked = entries.objects.filter(data__has_key=KEY)
            self.keys |= set(marked.values_list(f"data__{KEY}", flat=True))
        self.created = 0

    def __contains__(self, key: str) -> bool:
        return key in self.keys

    def enter(self, instance, key: str, user, action=CREATE):
        """Logs that `user` created `instance`, a row of a register, or did `action` to it."""
        log(instance=instance, action=action, user=user, data={KEY: key})
        self._remember(key)

    def enter_page(self, page, key: str, action=CREATE):
        """Marks the entry that Wagtail made when `page` was created."""
        entry = PageLogEntry.objects.filter(page=page.pk, action=action).latest("timestamp")
        entry.data = {**entry.data, KEY: key}
        entry.save(update_fields=["data"])
        self._remember(key)

    def _remember(self, key):
        self.keys.add(key)
        self.created += 1
