"""How like what was typed a name is, where it does not hold it: slips of the pen, and words that are not all
there. Numbers between 0 and 1, the same on every database."""

import re
from dataclasses import dataclass
from itertools import pairwise
from math import log

# A name this near is meant: one character of three, or two of six, may be wrong, missing or one too many.
NEAR_ENOUGH = 0.66
SHORTEST = 3
FEWEST = 2
LONGEST = 14
# A catalogue counts as if it had at least so many guides.
FEW = 100
# A word that fewer guides are called by than this says (of 1, which one that none is called by would say) is
# worth looking for.
TELLING = 0.25
# A guide is shown for some of the words where they say this much: one rare word does.
ENOUGH = 0.5
# Where nothing is found, what says this much is perhaps meant.
A_LITTLE = 0.1
# And nothing is shown that says much less than the best.
NEAR_THE_BEST = 0.5
# Added for an everyday name that stands whole in what was said, and for a name that begins with a telling word.
WHOLE_PHRASE = 0.4
BEGINNING = 0.3
# A name that has the characters of a query in their order, and others between them, as 医疗保险 has those of 医保:
# of so many characters it is what they stand for; fewer have to be every second one. It is so near.
ABBREVIATION = 4
ABBREVIATED = 0.8
# What speaks for a guide beside what services do, for that to count in full.
ENOUGH_FOR_ACTS = 0.25
# How much more it counts where the name says so: it tells one of several guides about the same from the others.
NAMED_ACT = 1.3
# How much the share of the typed characters that are found counts: between guides for which the same speaks.
SHARE = 0.02
# What a word counts that is a part of one everyday name alone;
PART = 0.6
# that stands beside the names (topics, results, the item it is part of, and what that is called);
BESIDE = 0.7
# that stands alone inside a name, comes from the middle of what was typed, and is never spoken of otherwise: the end
# of one word and the beginning of the next, most often;
CHANCE = 0.3
# and that stands in the text only.
MENTIONED = 0.15


def all_but_one(typed: str) -> list[list[str]]:
    """The characters of `typed` without each of them in turn: what a name has to have that is but one slip
    away. Nothing for what is too short to be mistaken, or longer than names are."""
    chars = list(dict.fromkeys(typed))
    if not SHORTEST <= len(typed) <= LONGEST or len(chars) < SHORTEST or not all(map(str.isalpha, chars)):
        return []
    return [chars[:at] + chars[at + 1 :] for at in range(len(chars))]


def all_characters(typed: str) -> list[list[str]]:
    """What a name has to have that so few characters are short for."""
    return (
        [list(typed)] if FEWEST <= len(typed) < SHORTEST and typed.isalpha() and not typed.isascii() else []
    )


def slips(typed, text) -> int:
    """The fewest characters (or syllables) to add, leave out or change to find `typed` somewhere in `text`:
    Levenshtein's distance to the nearest part of it (Sellers 1980)."""
    row = [0] * (len(text) + 1)
    for count, char in enumerate(typed, 1):
        before, row[0] = row[0], count
        for at, other in enumerate(text, 1):
            here = before if char == other else 1 + min(before, row[at], row[at - 1])
            before, row[at] = row[at], here
    return min(row)


def nearness(typed, names) -> float:
    """How near the nearest of `names` is: 1 holds `typed`, 0.75 differs in one character of four. Of characters or
    of syllables."""
    return max((1 - slips(typed, name) / len(typed) for name in names if name), default=0.0)


def is_short_for(typed: str, name: str) -> bool:
    """Whether the characters of `typed` stand in this order in a name: 医保报销 for 医疗保险费用报销."""
    if len(typed) < ABBREVIATION:
        return re.search(".".join(map(re.escape, typed)), name) is not None
    at = -1
    return all((at := name.find(char, at + 1)) >= 0 for char in typed)


def weights(frequencies: dict[str, int], total: int) -> dict[str, float]:
    """What each word tells, between 0 and 1: the fewer of `total` guides have it, the more."""
    # Of a handful of guides none is rare: there they count as if there were more.
    total = max(total, FEW)
    most = log(total + 1)
    return {word: max(log((total + 1) / (count + 1)) / most, 0.0) for word, count in frequencies.items()}


@dataclass(frozen=True)
class Said:
    """What was said: pieces of a sentence, what each of its words (pairs of characters) tells, those that only
    say what a service does, those that only say for whose sake it is asked, and those at the borders of a piece, which are words
    and not the end of one and the beginning of the next."""

    pieces: list[str]
    weight_of: dict[str, float]
    acts: set[str] = frozenset()
    kin: set[str] = frozenset()
    at_borders: set[str] = frozenset()


@dataclass(frozen=True)
class Words:
    """The words of a guide: its name, its everyday names, what stands beside them, and its text. All normalised."""

    name: str
    phrases: list[str]
    beside: str = ""
    body: str = ""


def evidence(said: Said, guide: Words) -> float:
    """How much speaks for a guide being what was meant. What services do, and for whom it is asked, counts only beside a word
    that says what about; where little else speaks, for no more than that. Kin that is a part of an everyday
    name that was said whole (领养孩子) says what about."""
    typed = "".join(said.pieces)
    said_whole = [phrase for phrase in guide.phrases if len(phrase) > 1 and phrase in typed]
    beside = said.acts | {
        word for word in said.kin if not any(word in phrase and word != phrase for phrase in said_whole)
    }
    telling = {word: weight for word, weight in said.weight_of.items() if word not in beside}
    count = _counting(said, telling, guide)
    got = sum(map(count, telling, telling.values()))
    if not got:
        return 0.0
    of_acts = sum(
        count(word, weight) * (NAMED_ACT if word in guide.name else 1)
        for word, weight in said.weight_of.items()
        if word in beside
    )
    got += of_acts if got >= ENOUGH_FOR_ACTS else min(got, of_acts)
    if said_whole:
        got += WHOLE_PHRASE
    if any(weight >= TELLING and guide.name.startswith(word) for word, weight in telling.items()):
        got += BEGINNING
    called = {*guide.name, *"".join(guide.phrases)}
    return got + SHARE * sum(char in called for char in typed) / len(typed)


def is_named_in_part(said: Said, guide: Words) -> bool:
    """Whether one of several pieces stands whole in the name, and is more than kin and what services do."""
    pieces = [piece for piece in said.pieces if len(piece) > 1]
    weak = said.acts | said.kin
    return len(pieces) > 1 and any(
        piece in guide.name and not weak.issuperset(map("".join, pairwise(piece))) for piece in pieces
    )


def _counting(said, telling, guide):
    """What a word of a weight counts for the guide."""
    typed = "".join(said.pieces)
    in_name = sum(weight >= TELLING and word in guide.name for word, weight in telling.items())

    def count(word, weight):
        phrases = [phrase for phrase in guide.phrases if word in phrase]
        if word in guide.name:
            is_one = in_name > 1 or phrases or word in said.at_borders or guide.name.startswith(word)
            return weight if is_one or guide.body.count(word) > 1 else weight * CHANCE
        if phrases:
            return weight if len(phrases) > 1 or phrases[0] in typed else weight * PART
        if word in guide.beside:
            return weight * BESIDE
        return weight * MENTIONED if word in guide.body else 0.0

    return count


def evidence_of_sound(weight_of: dict[str, float], sound: str) -> float:
    """The same of pairs of syllables, where the guide has at least half of what was said."""
    had = [weight for pair, weight in weight_of.items() if f" {pair} " in f" {sound.replace(chr(10), ' ')} "]
    return sum(had) if 2 * (len(had) + 1) >= len(weight_of) + 1 else 0.0
