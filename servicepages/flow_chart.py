"""審批流程圖: drawn from the names of the approval steps and their days, and from nothing else.

The picture is for the eye; beside it stands the same as an ordered list (the template's), so the SVG
itself is hidden from screen readers.
"""

import itertools
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import east_asian_width

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from servicepages.time_limits import TimeLimit
from servicepages.vocabulary import TimeUnit

WIDTH = 320
BOX_WIDTH = 220
LINE_HEIGHT = 22
PADDING = 14
GAP = 36
WIDEST_LINE = 24  # in half-width characters


@dataclass(frozen=True)
class Step:
    name: str
    days: Decimal | None

    @property
    def limit(self) -> TimeLimit | None:
        return None if self.days is None else TimeLimit(self.days, TimeUnit.WORKING_DAYS)


@dataclass(frozen=True)
class Box:
    step: Step
    lines: list[str]
    top: int

    @property
    def height(self) -> int:
        rows = len(self.lines) + (1 if self.step.days is not None else 0)
        return rows * LINE_HEIGHT + 2 * PADDING

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def baselines(self) -> list[tuple[str, int]]:
        return [(line, self.top + PADDING + 16 + row * LINE_HEIGHT) for row, line in enumerate(self.lines)]

    @property
    def days_baseline(self) -> int:
        return self.top + PADDING + 16 + len(self.lines) * LINE_HEIGHT


class FlowChart:
    """`steps` is an iterable of (name, working days or None)."""

    def __init__(self, steps):
        self.steps = [Step(name, days) for name, days in steps]

    def __bool__(self):
        return bool(self.steps)

    @property
    def boxes(self) -> list[Box]:
        boxes, top = [], 2
        for step in self.steps:
            box = Box(step, wrap(step.name), top)
            boxes.append(box)
            top = box.bottom + GAP
        return boxes

    @property
    def svg(self) -> SafeString:
        boxes = self.boxes
        left = (WIDTH - BOX_WIDTH) // 2
        arrows = [(box.bottom, following.top) for box, following in itertools.pairwise(boxes)]
        return render_to_string(
            "servicepages/flow_chart.svg",
            {
                "boxes": boxes,
                "arrows": arrows,
                "width": WIDTH,
                "height": boxes[-1].bottom + 2 if boxes else 0,
                "left": left,
                "middle": WIDTH // 2,
                "box_width": BOX_WIDTH,
            },
        )


def wrap(text: str, widest: int = WIDEST_LINE) -> list[str]:
    """`text` cut into lines of at most `widest` half-width characters. Chinese may break anywhere."""
    lines, line, width = [], "", 0
    for character in text:
        step = 2 if east_asian_width(character) in "WF" else 1
        if line and width + step > widest:
            lines.append(line)
            line, width = "", 0
        line += character
        width += step
    return [*lines, line] if line else lines or [""]
