"""Runs a command of the Procfile and sees to it that it ends, with all that it started.

    python -m cms.attended python manage.py qcluster

honcho ends a command by signalling its whole process group. django-q's cluster then hangs: its main
process waits for the others to have heard what it says, and they are gone. And honcho itself, when it is
killed or its terminal is closed, leaves its commands behind, one of them holding the port. Here the
command gets a group of its own and the main process alone is told to stop; it is also told when whoever
started this is gone; and whatever is left of the group after `GRACE` seconds is killed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

# Seconds. honcho kills after five, and would then kill this process and not the group.
GRACE = 4.0
LOOK_EVERY = 0.5


def attend(command: list[str]) -> int:
    """The command's exit code; that of a command ended by a signal is negative, as in subprocess."""
    started_by = os.getppid()
    told_to_stop = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: told_to_stop.append(True))
    child = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - the Procfile's own words
    deadline = None
    while child.poll() is None:
        if deadline is None and (told_to_stop or os.getppid() != started_by):
            child.terminate()
            deadline = time.monotonic() + GRACE
        if deadline is not None and time.monotonic() > deadline:
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_EVERY if deadline is None else 0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    return child.wait()


if __name__ == "__main__":
    sys.exit(attend(sys.argv[1:]))
