"""Handing work to the background worker."""

import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def to_worker_on_commit(task: Callable, *args) -> None:
    """The worker calls `task`, a module's own function, with `args` once the transaction is committed. Where the
    broker cannot be reached it is done at once in this process: slow, and not lost."""
    transaction.on_commit(partial(_hand_over, task, args), robust=True)


def _hand_over(task, args):
    try:
        async_task(task, *args)
    except Exception:  # each broker has its own
        logger.exception("The broker cannot be reached; %s is done at once", task.__name__)
        task(*args)
