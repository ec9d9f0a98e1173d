"""A command of the Procfile ends with all that it started, whoever ends it and however.

That nothing is left is seen at a pipe which every process of the command holds open: its other end
comes to an end when the last of them is gone, and a test that waits for that in vain times out.
"""

import os
import signal
import subprocess
import sys

import pytest

TIMEOUT = 30  # seconds; far more than the grace period

# Starts a process that ignores signals, as a stubborn worker would, says so, and waits.
STUBBORN_CHILD = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
)
POLITE = f"""
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", {STUBBORN_CHILD!r}])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
while True:
    signal.pause()
"""
STUBBORN = f"""
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", {STUBBORN_CHILD!r}])
while True:
    signal.pause()
"""
# Stands for honcho: starts the attended command, says that it did, and waits to be killed.
PARENT = """
import subprocess, signal, sys
subprocess.Popen(sys.argv[1:])
print("started", flush=True)
signal.pause()
"""


@pytest.fixture
def start():
    started = []

    def start(*command):
        process = subprocess.Popen(
            [sys.executable, *command], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def attended(script):
    return "-m", "cms.attended", sys.executable, "-c", script


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_told_to_stop_stops_in_its_own_way_and_leaves_nothing(start, number):
    process = start(*attended(POLITE))
    assert process.stdout.readline() == "up\n"
    os.killpg(process.pid, number)
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 7


def test_a_command_that_does_not_stop_is_killed(start):
    process = start(*attended(STUBBORN))
    assert process.stdout.readline() == "up\n"
    process.terminate()
    process.communicate(timeout=TIMEOUT)
    assert process.returncode != 0


def test_a_command_whose_starter_is_killed_stops_too(start):
    parent = start("-c", PARENT, sys.executable, *attended(POLITE))
    assert "up\n" in (parent.stdout.readline(), parent.stdout.readline())
    parent.kill()
    parent.communicate(timeout=TIMEOUT)


def test_a_command_that_ends_by_itself_hands_on_its_exit_code(start):
    process = start(*attended("raise SystemExit(3)"))
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 3
