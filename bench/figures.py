"""What every benchmark shares: rounds that alternate between what is compared, and one line a figure.

A benchmark measures ratios within one run, because the machine it runs on is another one each time.
What is compared takes turns, so that a slow second hits all of it; the median of the rounds forgives a
few of them.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping

_fell_short = False


def figure(name: str, value: float, bar: str, ok: bool) -> None:
    """Prints `name  value  bar  ok`, or `SHORT` in its place; `bar` is the wording, as in "<= 1.25".

    A figure that is only told, without a bar, passes `bar="-"` and `ok=True`.
    """
    global _fell_short
    _fell_short |= not ok
    shown = f"{value:d}" if isinstance(value, int) else f"{value:.3f}"
    print(f"{name:<56} {shown:>10}  {bar:<10} {'ok' if ok else 'SHORT'}", flush=True)


def at_most(name: str, value: float, limit: float) -> None:
    figure(name, value, f"<= {limit:g}", value <= limit)


def at_least(name: str, value: float, limit: float) -> None:
    figure(name, value, f">= {limit:g}", value >= limit)


def medians(
    compared: Mapping[str, Callable[[], object]], *, rounds: int = 15, calls: int = 5, warm_up: int = 2
) -> dict[str, float]:
    """Seconds that one call of each takes: the median of `rounds` rounds of `calls` calls.

    In each round everything compared has its turn; the first `warm_up` rounds are not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in compared}
    for number in range(warm_up + rounds):
        for name, call in compared.items():
            start = time.perf_counter()
            for _ in range(calls):
                call()
            if number >= warm_up:
                times[name].append((time.perf_counter() - start) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


def finish() -> None:
    """Ends the benchmark: exit code 1 where a figure fell short of its bar."""
    sys.exit(1 if _fell_short else 0)
