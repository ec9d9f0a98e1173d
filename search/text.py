"""What counts as the same word: the one place where text is normalised and cut for searching.

The stock tokenisers of SQLite and PostgreSQL take a whole run of Chinese for one word, so a word
from the middle of a name is never found. Here a run of Chinese becomes its characters and its
pairs of neighbours, and everything else its words. The index and the queries both come through
this module; a difference between the two sides is a guide that nobody finds.
"""

import itertools
import re
import unicodedata
from functools import cache
from operator import add

import opencc

from search.personal_data import cut_outside

# A page is never refused because of the index. PostgreSQL raises for a tsvector past 1 MB: of this many
# characters, all different and of four bytes, the characters and pairs take 800 kB. So it is the limit of
# all texts of one vector together.
MAX_INDEXED_CHARACTERS = 40_000
# PostgreSQL raises for a token past 2,046 bytes, too. Nobody types words of this length; pasted files hold them.
MAX_TOKEN_CHARACTERS = 100
# What is read of a query. FTS5 and the compilers' recursion both end at some hundred terms.
MAX_QUERY_CHARACTERS = 200
MAX_TERMS = 64
# And what is looked at for that.
_LOOKED_AT = 1_000

_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CHINESE = re.compile(rf"[{_HAN}]+")
_TOKEN = re.compile(rf"(?P<han>[{_HAN}]+)|(?:(?![{_HAN}])[^\W_])+")
# Characters that `normalise` gives one for one: the Chinese of every day, letters, digits, punctuation.
_EACH_STAYS_ONE = re.compile(r"[\u4e00-\u9fffa-zA-Z0-9 \n，。；：？！（）、《》〈〉【】“”‘’·,.;:?!()%/+-]*")
# Not the comma in 1,000 nor the colon in 8:30; brackets always, or one of a pair would stay.
_HALF_WIDTH = re.compile(r"[()]|(?<![a-z0-9])[,;:?!]|[,;:?!](?![a-z0-9])")
_FULL_WIDTH = str.maketrans("(),;:?!", "（），；：？！")
# Controls, surrogates, and what is there but invisible (zero-width spaces, soft hyphens, marks of
# direction): people paste these without knowing, in the middle of words.
_UNSEEN = {"Cc", "Cf", "Cs"}
# Unassigned and private: each database has an opinion of its own whether these are letters.
_NOBODYS = {"Cn", "Co"}


@cache
def _converters():
    """Hong Kong and Taiwan forms to simplified; both include what OpenCC's t2s does.

    Plain t2s leaves 衞 (Hong Kong's 卫) and 著 (Taiwan's 着) alone. Loading takes a moment, so it
    happens on first use.
    """
    return opencc.OpenCC("hk2s"), opencc.OpenCC("tw2s")


class _Folding(dict):
    """A table for `str.translate` that asks OpenCC for each character once.

    One character at a time, on purpose: OpenCC's dictionary of phrases makes 乾 into 干 or leaves it
    depending on its neighbours, and a query seldom has the neighbours that the text has.
    """

    def __missing__(self, code):
        char = chr(code)
        if char.isspace() or unicodedata.category(char) in _NOBODYS:
            folded = " "
        elif unicodedata.category(char) in _UNSEEN:
            folded = ""
        else:
            folded = char
            for converter in _converters():
                folded = converter.convert(folded)
            # OpenCC takes 么 for the traditional form of 幺. What is normalised is also shown, to the report's readers.
            folded = folded.replace("幺", "么")
        self[code] = folded
        return folded


_FOLDING = _Folding()


def normalise(text: str) -> str:
    """The form in which two spellings of the same word are equal.

    Full width becomes half width, capitals small, traditional simplified; what cannot be seen goes.
    Takes any string, unpaired surrogates included, and returns one that every database accepts.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFKC", text.translate(_FOLDING))


_normalised_char = cache(normalise)


def is_chinese(text: str) -> bool:
    """Whether a text consists of Chinese characters, and has one."""
    return _CHINESE.fullmatch(text) is not None


def key_of(text: str) -> str:
    """A name as it is compared whole: normalised, letters and digits only, so that brackets, spaces and
    the way it is written make no difference."""
    return "".join(match[0] for match in _TOKEN.finditer(normalise(text)))


def runs_of(query: str) -> list[str]:
    """The runs of Chinese characters and the words of a query, normalised."""
    return [match[0] for match in _TOKEN.finditer(normalise(query))]


def cut(text: str) -> list[str]:
    """The tokens of a text as they go into the index, in the order of the text.

    Each consists of letters and digits only, so no database takes a part of it for an operator,
    and none cuts it again. Text past MAX_INDEXED_CHARACTERS is not indexed, nor what a word has past
    MAX_TOKEN_CHARACTERS.
    """
    [tokens] = cut_together([text])
    return tokens


def cut_together(texts) -> list[list[str]]:
    """The tokens of each of several texts that go into one vector of PostgreSQL: MAX_INDEXED_CHARACTERS is the
    limit of all of them, those that come first have the first claim."""
    left, found = MAX_INDEXED_CHARACTERS, []
    for text in texts:
        # One character may become eighteen.
        said = normalise(text[:left])[:left]
        left -= len(said)
        found.append(_cut(said))
    return found


def _cut(said):
    tokens = []
    for match in _TOKEN.finditer(said):
        run = match[0]
        if match["han"]:
            tokens += itertools.chain.from_iterable(zip(run, map(add, run, run[1:]), strict=False))
            tokens.append(run[-1])
        else:
            tokens.append(run[:MAX_TOKEN_CHARACTERS])
    return tokens


def terms(query: str) -> list[str]:
    """What a query asks for: tokens of `cut`, each once, in the order typed; often none.

    Of Chinese only the pairs, as they say all that the single characters say and are rarer; the
    character itself where it stands alone. Everything past the limits is left out, never an error.
    """
    found = {}
    for match in _TOKEN.finditer(normalise(query[:MAX_QUERY_CHARACTERS])):
        run = match[0]
        if match["han"] and len(run) > 1:
            found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
        else:
            found[run[:MAX_TOKEN_CHARACTERS]] = None
    return list(found)[:MAX_TERMS]


def readable(query: str) -> str:
    """A query as it may be shown again and put in an address: one line, nothing invisible, no longer
    than what is searched, and without the beginning of a number of somebody's whose end is cut off."""
    seen = "".join(
        " " if char.isspace() else char
        for char in query[:_LOOKED_AT]
        if char.isspace() or unicodedata.category(char) not in _UNSEEN
    )
    return cut_outside(" ".join(seen.split()), MAX_QUERY_CHARACTERS).strip()


def as_printed(said: str) -> str:
    """Normalised Chinese as it may be shown: with the punctuation that Chinese is printed with, which
    `normalise` made half as wide."""
    if not any(match["han"] for match in _TOKEN.finditer(said)):
        return said
    return _HALF_WIDTH.sub(lambda match: match[0].translate(_FULL_WIDTH), said)


def places(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where `words` (of `terms`) stand in a text as it is shown: (start, end), in order, none touching.

    Neighbouring pairs become one place, so that a whole word is marked and not its halves.
    """
    if _EACH_STAYS_ONE.fullmatch(text):
        return _places_of_runs(normalise(text), words)
    return _places_one_by_one(text, words)


def _places_of_runs(folded, words):
    """The same where no character becomes two or none, as in nearly every guide: in a tenth of the time."""
    spans = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            end = at + len(word)
            if not (word.isascii() and _has_letter(folded[at - 1 : at] + folded[end : end + 1])):
                spans.append((at, end))
            at = folded.find(word, at + 1)
    found = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return [(start, end) for start, end in found]


def _has_letter(around):
    """Around a word of letters: then it is only a part of one."""
    return any(char.isascii() and char.isalnum() for char in around)


def _places_one_by_one(text, words):
    folded, origin = [], []
    for at, char in enumerate(text):
        for one in _normalised_char(char):
            folded.append(one)
            origin.append(at)
    wanted = set(words)
    hit = set()
    for match in _TOKEN.finditer("".join(folded)):
        run, start = match[0], match.start()
        if not match["han"]:
            if run in wanted:
                hit.update(range(start, match.end()))
            continue
        for at in range(len(run)):
            for length in (1, 2):
                if at + length <= len(run) and run[at : at + length] in wanted:
                    hit.update(range(start + at, start + at + length))
    found = []
    last = None
    for at in sorted(hit):
        start, end = origin[at], origin[at] + 1
        if found and (last == at - 1 or start < found[-1][1]):
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
        last = at
    return [(start, end) for start, end in found]
