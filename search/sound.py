"""How a name is spoken: finding guides by pinyin, by its initials, and by characters that sound alike.

Each guide is indexed with tokens of three kinds beside its words: the syllables of its names (1hun), the
pairs of neighbouring syllables (2hunyin) and the pairs of their first letters (3hy). The digit keeps them
apart from any word. What is typed becomes the same tokens, whether it is letters (hunyin), characters with
the right sound (婚因), or both (hun姻).
"""

import re
import unicodedata
from functools import cache
from itertools import islice, pairwise, product

from pypinyin import Style, lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

from search.text import normalise

LONGEST_SYLLABLE = 6  # zhuang
# Letters can often be read in more than one way (xian: xian, xi an); so many readings are tried.
MAX_READINGS = 4
MAX_SYLLABLES = 24
MAX_INITIALS = 12
# Of all names of a guide together so many characters are indexed: far below what PostgreSQL takes.
MAX_SPOKEN_CHARACTERS = 10_000
# Of the key that puts a name in its place among others: room for some eighty characters of the name, and
# below what an index of PostgreSQL takes.
MAX_ORDER_CHARACTERS = 1_000
# Where characters stand that nobody can say.
LAST = "zz"

_PART = re.compile(r"(?P<letters>[a-z]+)|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]+)|[0-9]+")
_WORD = re.compile(r"[^\W_]+")
_TONES = dict.fromkeys(map(ord, "\u0304\u0301\u030c\u0300"))
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def _syllables() -> frozenset[str]:
    """Every syllable of standard pinyin, without tones, ü written u: some 400."""
    known = set()
    for readings in pinyin_dict.values():
        for reading in readings.split(","):
            letters = unicodedata.normalize("NFD", reading)
            known.add("".join(letter for letter in letters if letter.isascii() and letter.isalpha()))
    # What is only hummed (n, ng, hm) would make any run of letters readable.
    return frozenset(syllable for syllable in known if set(syllable) & set("aeiou"))


@cache
def alike(syllable: str) -> str:
    """One spelling for syllables that many people do not tell apart: zh and z, ch and c, sh and s, and a
    final n with or without g; v and ü for u."""
    syllable = syllable.replace("ü", "u").replace("v", "u")
    for spoken, written in _ALIKE:
        if syllable.startswith(spoken):
            syllable = written + syllable[len(spoken) :]
    return syllable[:-1] if syllable.endswith("ng") else syllable


def _pinyin(run: str, **style) -> list[str]:
    """A syllable for each character; one that nobody can say stands for itself."""
    return lazy_pinyin(run, v_to_u=False, errors=lambda unknown: [[char] for char in unknown], **style)


def _of_characters(run: str) -> list[str]:
    return [alike(syllable) for syllable in _pinyin(run)]


def spoken(text: str) -> list[str]:
    """The syllables of a text of characters, letters and digits; a word of letters or digits is one of them."""
    found = []
    for part in _PART.finditer(_letters(text)):
        found += _of_characters(part[0]) if part["han"] else [part[0]]
    return found


def _pairs(syllables):
    return [f"2{first}{second}" for first, second in pairwise(syllables)]


def _pairs_of_initials(initials):
    return [f"3{first}{second}" for first, second in pairwise(initials)]


def index_tokens(names) -> str:
    """What a guide with these names is found by, between spaces, in the order of each name: a query whose
    tokens stand there in one run is spoken as a part of the name is."""
    kept, left = [], MAX_SPOKEN_CHARACTERS
    for name in names:
        syllables = spoken(name[:left])
        left -= min(len(name), left)
        kept.append(" ".join(f"1{syllable}" for syllable in syllables))
        kept.append(" ".join(_pairs(syllables)))
        kept.append(" ".join(_pairs_of_initials([syllable[0] for syllable in syllables])))
    return "\n".join(part for part in kept if part)


def order_of(name: str) -> str:
    """A key that sorts names as a Chinese dictionary does: syllable by syllable, then by tone, then by character,
    then the next one. Small letters and digits only, so that every collation of every database gives the
    same order."""
    key = []
    for part in _PART.finditer(_letters(name)):
        if part["han"]:
            syllables = _pinyin(part[0], style=Style.TONE3, neutral_tone_with_five=True)
            # The digits of the tone keep xi before xia; those of the character keep 公 together, and 工.
            key += [
                f"{said if said.isascii() else LAST}{ord(char):05x}"
                for said, char in zip(syllables, part[0], strict=True)
            ]
        else:
            key.append(part[0])
    return "".join(key)[:MAX_ORDER_CHARACTERS]


def readings(letters: str) -> list[list[str]]:
    """The ways to read a run of letters as pinyin, the one with the fewest syllables first; at most
    MAX_READINGS, none where it is no pinyin."""
    letters = letters.replace("v", "u")[: MAX_SYLLABLES * LONGEST_SYLLABLE]
    best: list[list[list[str]]] = [[[]]]
    for end in range(1, len(letters) + 1):
        found = [
            [*before, letters[start:end]]
            for start in range(max(0, end - LONGEST_SYLLABLE), end)
            if letters[start:end] in _syllables()
            for before in best[start]
        ]
        best.append(sorted(found, key=len)[:MAX_READINGS])
    return best[-1] if letters else []


def _incomplete(letters: str) -> list[tuple[list[str], str]]:
    """Ways to read letters whose last syllable is still being typed: (whole syllables, beginning)."""
    ways = []
    for begun in range(1, LONGEST_SYLLABLE):
        whole, beginning = letters[:-begun], letters[-begun:]
        if whole and any(syllable.startswith(beginning) for syllable in _syllables()):
            ways += [(reading, beginning) for reading in readings(whole)[:1]]
    return ways


def said_in_pinyin(query: str) -> list[str]:
    """The syllables of a query that is all letters, each word read in the likeliest way; none where a word is
    no pinyin, or where anything but letters stands."""
    said = _letters(query)
    words = _WORD.findall(said)
    ways = [readings(word) if word.isascii() and word.isalpha() else [] for word in words]
    if not all(ways):
        return []
    return [alike(syllable) for way in ways for syllable in way[0]][:MAX_SYLLABLES]


def pairs(syllables: list[str]) -> list[str]:
    """What is indexed of syllables that stand next to each other, each once."""
    return list(dict.fromkeys(_pairs(syllables)))


def names_spoken(indexed: str) -> list[list[str]]:
    """The syllables of each name that `indexed` was made of."""
    return [[token[1:] for token in line.split()] for line in indexed.splitlines() if line.startswith("1")]


def asked_tokens(query: str) -> list[tuple[list[str], bool]]:
    """What a query may mean by its sound: lists of tokens that all have to be there, the likeliest first,
    and whether the last of them is complete.

    Syllables across the gaps between words, then word by word, then letters as initials, then with a last
    syllable that is still being typed. Empty where a word of letters is none of these.
    """
    parts = list(_PART.finditer(_letters(query)))
    words = []
    for part in parts:
        if part["letters"]:
            words.append([[alike(one) for one in reading] for reading in readings(part[0])])
        else:
            words.append([_of_characters(part[0]) if part["han"] else [part[0]]])
    asked = []
    for reading in islice(product(*words), MAX_READINGS):
        syllables = [syllable for word in reading for syllable in word][:MAX_SYLLABLES]
        if len(syllables) > 1:
            asked.append((_pairs(syllables), True))
            if len(reading) > 1:
                apart = [token for word in reading for token in (_pairs(word) or [f"1{word[0]}"])]
                asked.append((apart[:MAX_SYLLABLES], True))
        elif syllables and parts[0]["letters"]:
            asked.append(([f"1{syllables[0]}"], True))
    if parts and all(part["letters"] for part in parts):
        letters = "".join(part[0] for part in parts)
        if 2 <= len(letters) <= MAX_INITIALS:
            asked.append((_pairs_of_initials(letters), True))
        for whole, begun in _incomplete(letters)[:MAX_READINGS]:
            syllables = [*map(alike, whole), alike(begun)][:MAX_SYLLABLES]
            asked.append((_pairs(syllables), False))
    return [(tokens, is_complete) for tokens, is_complete in asked if tokens]


def _letters(query):
    """Without the marks of the four tones, which some type: jiéhūn."""
    apart = unicodedata.normalize("NFD", normalise(query))
    return unicodedata.normalize("NFC", apart.translate(_TONES)).replace("ü", "u")


def is_in_one_run(tokens: list[str], indexed: str, is_complete: bool = True) -> bool:
    """Whether a name of those that `indexed` was made of has the tokens next to each other, in order."""
    run = f" {' '.join(tokens)}" + (" " if is_complete else "")
    return any(run in f" {line} " for line in indexed.splitlines())


def part_spoken_so(tokens: list[str], is_complete: bool, names) -> str:
    """The characters of a name that the tokens stand for, next to each other; nothing where none does."""
    for name in names:
        chars = [char for part in _PART.finditer(normalise(name)) for char in _units(part)]
        syllables = spoken(name)
        kind = tokens[0][0]
        if kind == "1":
            line = [f"1{syllable}" for syllable in syllables]
        elif kind == "2":
            line = _pairs(syllables)
        else:
            line = _pairs_of_initials([syllable[0] for syllable in syllables])
        for at in range(len(line) - len(tokens) + 1):
            here = line[at : at + len(tokens)]
            same = (
                here == tokens
                if is_complete
                else (here[:-1] == tokens[:-1] and here[-1].startswith(tokens[-1]))
            )
            if same:
                return "".join(chars[at : at + len(tokens) + (kind != "1")])
    return ""


def _units(part):
    return part[0] if part["han"] else [part[0]]
