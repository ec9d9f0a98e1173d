"""The benchmarks' own arithmetic: a figure that falls short must not pass unseen."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(script):
    return subprocess.run(
        [sys.executable, "-c", f"from bench import figures\n{script}\nfigures.finish()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_figures_within_their_bars_pass():
    done = run("figures.at_most('queries', 15, 15); figures.at_least('share', 0.9, 0.5)")
    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["queries", "15", "<=", "15", "ok"],
        ["share", "0.900", ">=", "0.5", "ok"],
    ]


def test_one_that_falls_short_fails_the_run_whatever_follows():
    done = run("figures.at_most('time', 1.251, 1.25); figures.at_most('queries', 3, 15)")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].split()[-1] == "SHORT"
    assert done.stdout.splitlines()[1].split()[-1] == "ok"


def test_a_median_forgives_one_slow_round():
    script = """
clock = iter([0, 2, 2, 5, 5, 104])
figures.time.perf_counter = lambda: next(clock)
print(figures.medians({"one": lambda: None}, rounds=3, calls=1, warm_up=0))
"""
    done = run(script)
    assert done.stdout.splitlines()[-1] == "{'one': 3.0}", done.stderr
