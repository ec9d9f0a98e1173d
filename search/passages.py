"""The words of a guide that a hit shows, with the found ones marked."""

import re
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString

from search.text import normalise, places

LENGTH = 120
# Of lines that hold the same words the longer one says more about them, up to here.
SAYS_ENOUGH = 60
# Of a word that stands everywhere, so many lines are looked at.
MOST_LINES = 30
_SENTENCE_END = re.compile(r"[。！？；!?;]")
_QUESTION_ENDS = ("？", "?")
# Stands for the end of a line while a whole text is normalised, which would make a space of it.
_LINE_END = "\ufffc"


@dataclass(frozen=True)
class Piece:
    text: str
    is_found: bool


def marked(text: str, words: list[str]) -> list[Piece]:
    """`text` in pieces. Joined they are `text`."""
    pieces, at = [], 0
    for start, end in places(text, words):
        pieces += [Piece(text[at:start], False), Piece(text[start:end], True)]
        at = end
    return [piece for piece in [*pieces, Piece(text[at:], False)] if piece.text]


def as_html(pieces: list[Piece]) -> SafeString:
    """The pieces escaped, the found ones as <mark>: one value for a template instead of a loop in a loop."""
    return SafeString(
        "".join(
            f"<mark>{escape(each.text)}</mark>" if each.is_found else escape(each.text) for each in pieces
        )
    )


def passage(body: str, words: list[str]) -> list[Piece]:
    """The line of a guide's text (GuideText.body) that has most of the `words` (of search.text.terms), cut
    to about LENGTH characters around them, with the answer where it is a question; nothing where it has none of
    them."""
    line = _best_line(body, words)
    return marked(_excerpt(line, words), words) if line else []


def _best_line(body, words):
    """Guides are written in simplified characters, nearly all: then the text is not normalised, which for
    twenty guides would take longer than the search, and only lines that hold a word are looked at."""
    said = body
    if not any(word in body for word in words):
        said = normalise(body.replace(_LINE_END, " ").replace("\n", _LINE_END)).replace(_LINE_END, "\n")
    scores = {}
    for word in words:
        at, lines = said.find(word), 0
        while at >= 0 and lines < MOST_LINES:
            start, end = said.rfind("\n", 0, at) + 1, said.find("\n", at)
            scores[start, end] = scores.get((start, end), 0) + len(word)
            at, lines = said.find(word, end) if end >= 0 else -1, lines + 1
    if not scores:
        return ""

    def telling(line):
        start, end = line
        return scores[line], min((end if end >= 0 else len(said)) - start, SAYS_ENOUGH), -start

    start, _end = max(scores, key=telling)
    if said is not body:
        lines = body.split("\n")
        number = said.count("\n", 0, start)
        start = sum(len(line) + 1 for line in lines[:number])
    line, _break, after = body[start:].partition("\n")
    return line + after.partition("\n")[0] if line.endswith(_QUESTION_ENDS) else line


def _excerpt(line, words):
    """From the beginning of the first found word's sentence, if that is near enough, to the end of a
    sentence, if there is one."""
    line = " ".join(line.split())
    if len(line) <= LENGTH:
        return line
    found = places(line, words)
    first, found_end = found[0] if found else (0, 0)
    near = max(0, first - LENGTH // 2)
    before = [match.end() for match in _SENTENCE_END.finditer(line, near, first)]
    start = before[-1] if before else 0 if near == 0 else first - LENGTH // 4
    window = line[start : start + LENGTH]
    if start + LENGTH < len(line):
        after = [match.end() for match in _SENTENCE_END.finditer(window, max(found_end - start, LENGTH // 3))]
        window = window[: after[-1]] if after else window
    return ("…" if start else "") + window.strip() + ("…" if start + len(window) < len(line) else "")
