"""Somebody else who is at the same site at the same moment. On PostgreSQL, where one waits for the other."""

import threading
import time

from django.db import connection

PATIENCE = 30  # seconds


class Somebody(threading.Thread):
    """Does something in a connection of their own."""

    def __init__(self, does):
        super().__init__(daemon=True)
        self.does, self.error = does, None

    def run(self):
        try:
            self.does()
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def start_and_wait(self):
        """Until they wait for a lock, or are done."""
        self.start()
        deadline = time.monotonic() + PATIENCE
        while self.is_alive() and time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_stat_clear_snapshot()")  # which a transaction keeps otherwise
                cursor.execute(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock')"
                )
                if cursor.fetchone()[0]:
                    return

    def end(self):
        self.join(PATIENCE)
        assert not self.is_alive()
        if self.error:
            raise self.error
