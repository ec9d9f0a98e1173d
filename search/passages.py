"""The lines of a guide that a hit shows, with the found words marked."""

import re
from dataclasses import dataclass

from django.db.models import CharField, TextField
from wagtail.blocks import CharBlock, StructBlock, TextBlock
from wagtail.fields import StreamField

from search.text import places
from servicepages import fields

LENGTH = 120
_SENTENCE_END = re.compile(r"[。！？；!?;]")
# What a guide with sub-items shows of itself, of the fields that hold sentences.
_OF_A_FAMILY = ("legal_bases",)


@dataclass(frozen=True)
class Piece:
    text: str
    is_found: bool


def sentences(item) -> list[str]:
    """The public words of a guide, a value a line.

    Like `item.public_text()`, but without what other tables hold (halls, topics, names of files) and
    without codes of choices: read from the row itself, so that a page of hits costs no further
    queries. The table of fields decides what is public; a value that it does not name stays out.
    """
    lines = []
    for name in _OF_A_FAMILY if item.files_no_sheet else fields.public_content():
        field = item._meta.get_field(name)
        if isinstance(field, StreamField):
            lines += _stream_lines(name, getattr(item, name))
        elif isinstance(field, CharField | TextField) and name != "title" and not field.choices:
            lines.append(getattr(item, name))
    return [line.strip() for line in lines if line and line.strip()]


def _stream_lines(name, stream):
    for child in stream.raw_data:
        block = stream.stream_block.child_blocks.get(child["type"])
        if not (isinstance(block, StructBlock) and isinstance(child["value"], dict)):
            continue
        for key, part in block.child_blocks.items():
            public = fields.TABLE.get(f"{name}.{key}")
            if public and public.is_public and isinstance(part, CharBlock | TextBlock):
                yield child["value"].get(key) or ""


def marked(text: str, words: list[str]) -> list[Piece]:
    """`text` in pieces, to be escaped and marked by the template. Joined they are `text`."""
    pieces, at = [], 0
    for start, end in places(text, words):
        pieces += [Piece(text[at:start], False), Piece(text[start:end], True)]
        at = end
    return [piece for piece in [*pieces, Piece(text[at:], False)] if piece.text]


def passage(item, words: list[str]) -> list[Piece]:
    """The line of the guide with most of the `words`, cut to about LENGTH characters around them.

    Where only the name, the department or a hall has the words: who may apply, often nothing.
    """
    best, best_score = "" if item.files_no_sheet else item.who_may_apply.strip(), 0
    for line in sentences(item):
        score = sum(map(len, {line[start:end] for start, end in places(line, words)}))
        if score > best_score:
            best, best_score = line, score
    return marked(_excerpt(best, words), words)


def _excerpt(line, words):
    """From the beginning of the first hit's sentence, if that is near enough."""
    line = " ".join(line.split())
    if len(line) <= LENGTH:
        return line
    found = places(line, words)
    first = found[0][0] if found else 0
    near = max(0, first - LENGTH // 2)
    ends = [match.end() for match in _SENTENCE_END.finditer(line, near, first)]
    start = ends[-1] if ends else near if near == 0 else first - LENGTH // 4
    end = start + LENGTH
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")
