"""What makes a load bearable: each thing is indexed once instead of at each of its many saves, and
queries are not logged, for which SQLite runs a second query beside every one."""

from contextlib import contextmanager

from django.db import connection
from django.db.models.signals import post_save
from modelcluster.fields import ParentalKey
from modelsearch.index import get_indexed_models
from modelsearch.signal_handlers import post_save_signal_handler
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update
from wagtail.tasks import update_reference_index_task


class Indexer:
    """Remembers what was saved; `catch_up` runs for each of it the tasks that Wagtail runs at a save."""

    def __init__(self):
        self.searched = frozenset(get_indexed_models())
        self.referring = frozenset(
            model
            for model in ReferenceIndex.tracked_models
            # children are saved with their page, and their references are the page's
            if not any(isinstance(field, ParentalKey) for field in model._meta.get_fields())
        )
        self.saved = {}

    def remember(self, sender, instance, raw=False, **kwargs):
        if raw:
            return
        key = instance._meta.app_label, instance._meta.model_name, str(instance.pk)
        if sender in self.searched:
            self.saved[insert_or_update_object_task, key] = None
        if sender in self.referring:
            self.saved[update_reference_index_task, key] = None

    def catch_up(self):
        """Inside the transaction that saved it, so that nothing is ever stored and not indexed."""
        for task, key in self.saved:
            task.call(*key)
        self.saved = {}


@contextmanager
def indexing_later():
    indexer = Indexer()
    post_save.connect(indexer.remember, weak=False, dispatch_uid="sample_indexer")
    for model in indexer.searched:
        post_save.disconnect(post_save_signal_handler, sender=model)
    try:
        with disable_reference_index_auto_update():
            yield indexer
    finally:
        post_save.disconnect(dispatch_uid="sample_indexer")
        for model in indexer.searched:
            post_save.connect(post_save_signal_handler, sender=model)


@contextmanager
def no_query_log():
    """DEBUG keeps every query with its values filled in, to be looked at after a request."""
    connection.make_debug_cursor = connection.make_cursor
    try:
        yield
    finally:
        del connection.make_debug_cursor
