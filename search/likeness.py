"""How like what was typed a name is, where it does not hold it: slips of the pen, and words that are not all
there. Numbers between 0 and 1, the same on every database."""

from math import log

# A name this near is meant: one character of three, or two of six, may be wrong, missing or one too many.
NEAR_ENOUGH = 0.66
SHORTEST = 3
LONGEST = 14
# A catalogue counts as if it had at least so many guides.
FEW = 100
# A word that fewer guides are called by than this says (of 1, which one that none is called by would say) is
# worth looking for.
TELLING = 0.25
# A guide is shown for some of the words where they say this much: one rare word does.
ENOUGH = 0.5
# And nothing is shown that says much less than the best.
NEAR_THE_BEST = 0.5
# Added for an everyday name that stands whole in what was said, and for a name that begins with a telling word.
WHOLE_PHRASE = 0.4
BEGINNING = 0.3
# What a word counts that stands beside the names (topics, results, the item it is part of, and what that is
# called); and one inside a name that the guide never speaks of otherwise: the end of one word and the
# beginning of the next, most often.
BESIDE = 0.7
CHANCE = 0.3


def all_but_one(typed: str) -> list[list[str]]:
    """The characters of `typed` without each of them in turn: what a name has to have that is but one slip
    away. Nothing for what is too short to be mistaken, or longer than names are."""
    chars = list(dict.fromkeys(typed))
    if not SHORTEST <= len(typed) <= LONGEST or len(chars) < SHORTEST or not all(map(str.isalpha, chars)):
        return []
    return [chars[:at] + chars[at + 1 :] for at in range(len(chars))]


def slips(typed: str, text: str) -> int:
    """The fewest characters to add, leave out or change to find `typed` somewhere in `text`: Levenshtein's
    distance to the nearest part of it (Sellers 1980)."""
    row = [0] * (len(text) + 1)
    for count, char in enumerate(typed, 1):
        before, row[0] = row[0], count
        for at, other in enumerate(text, 1):
            here = before if char == other else 1 + min(before, row[at], row[at - 1])
            before, row[at] = row[at], here
    return min(row)


def nearness(typed: str, names) -> float:
    """How near the nearest of `names` is: 1 holds `typed`, 0.75 differs in one character of four."""
    return max((1 - slips(typed, name) / len(typed) for name in names if name), default=0.0)


def weights(frequencies: dict[str, int], total: int) -> dict[str, float]:
    """What each word tells, between 0 and 1: the fewer of `total` guides have it, the more; one that none
    has, nothing."""
    # Of a handful of guides none is rare: there they count as if there were more.
    total = max(total, FEW)
    most = log(total + 1)
    return {
        word: max(log((total + 1) / (count + 1)) / most, 0.0) if count else 0.0
        for word, count in frequencies.items()
    }


def evidence(
    pieces: list[str], weight_of: dict[str, float], name: str, phrases, beside: str, body: str
) -> float:
    """How much speaks for a guide being what was meant with `pieces` of a sentence: one with this name, these everyday names,
    these words beside them, and this text. `weight_of` holds the words of what was said. All normalised."""
    said = "".join(pieces)
    got = 0.0
    if any(len(phrase) > 1 and phrase in said for phrase in phrases):
        got += WHOLE_PHRASE
    if any(weight >= TELLING and name.startswith(word) for word, weight in weight_of.items()):
        got += BEGINNING
    for word, weight in weight_of.items():
        if any(word in phrase for phrase in phrases) or name.startswith(word):
            got += weight
        elif word in name:
            got += weight if word in pieces or body.count(word) > 1 else weight * CHANCE
        elif word in beside:
            got += weight * BESIDE
    return got
