"""The ways to read a query, each giving the guides it finds as rows (search.rows) with their rank at the end.

None of them knows the others; search.queries asks them in turn.
"""

from django.db.models import Case, FloatField, Q, Value, When
from django.db.models.functions import Length, StrIndex
from django.db.models.lookups import Exact, GreaterThan
from modelsearch.query import Or, PlainText
from wagtail.search.backends import get_search_backend

from search import likeness
from search.making import fold_of_code
from search.models import EverydayNameItem, Guide, GuideText
from search.rows import FIELDS, FOLD, PK, WHOLE
from search.sound import asked_tokens, is_in_one_run, names_spoken, pairs, part_spoken_so
from search.text import is_chinese, key_of, normalise, runs_of, terms
from search.understanding import words_at_borders, words_of_acts, words_of_kin

# Where all the words of a query can stand together, from the most telling to the least; what is left has
# some of them in its text only.
STEPS = (
    ("name_tokens",),
    ("name_tokens", "everyday_tokens"),
    ("name_tokens", "everyday_tokens", "subject_tokens"),
    ("name_tokens", "everyday_tokens", "subject_tokens", "matter_tokens"),
)
# The rank of a guide that has all the words only with its text; below it they say what it is about.
IN_TEXT = len(STEPS)
ABOUT = 2
EVERYDAY = STEPS.index(("name_tokens", "everyday_tokens"))
# Of the everyday names that hold what was typed, so many are looked at, the shortest first.
MOST_PHRASES = 1_000
# Of everyday names so long ones are looked for in what was said; the next in an editor's list is so much farther.
LONGEST_PHRASE = 8
NEXT_IN_LIST = 0.001
# The rank of a step's last guides, in parts of a step.
LAST_OF_A_STEP = 0.9
CALLED = ("name_tokens", "everyday_tokens")
WORDS = (*STEPS[-1], "body_tokens")
SPOKEN = ("sound_tokens",)
LONGEST_NAME = 256.0
# Of fewer characters too many codes begin with.
SHORTEST_CODE = 4
# What a search server without steps is asked for: it ranks by the boosts of the fields.
SERVER_HITS = 1_000
# Of so few guides it is asked at once where they have the words.
FEW = 100
# Names are only compared with so many guides that could be meant.
MOST_COMPARED = 3_000
# Of what was typed so many characters may be short for a name, with something behind them.
ABBREVIATIONS = (4, 3)
# So many texts are looked into for what was typed in one.
LOOKED_INTO = 20
# The characters that so many names have where they sound like what was typed are what it means.
ENOUGH_AGREE = 200


def _guides(typed=""):
    """Guides in force, with how the name stands to the whole query: below -3 it is it, below -2 it begins with
    it, below -1 it contains it; the longer the name, the nearer to the next."""
    guides = Guide.objects.in_force()
    key = key_of(typed)
    if not key:
        return guides.annotate(_whole=Value(0))
    at = StrIndex("name_key", Value(key))
    return guides.annotate(
        _whole=Length("name_key") / Value(LONGEST_NAME)
        + Case(
            When(GreaterThan(at, 1), then=Value(-2.0)),
            When(name_key=key, then=Value(-4.0)),
            When(Exact(at, 1), then=Value(-3.0)),
            default=Value(-1.0),
            output_field=FloatField(),
        )
    )


def _rows(results, *more):
    """Rows of FIELDS and `more` of what a search found, whichever backend found it."""
    if hasattr(results, "rows"):
        return results.rows(*FIELDS, *more)
    score_of = {guide.pk: guide._score for guide in results.annotate_score("_score")[:SERVER_HITS]}
    fields = [name for name in (*FIELDS, *more) if name != "_score"]
    at = FIELDS.index("_score")
    read = _guides().filter(pk__in=score_of).values_list(*fields)
    return [(*row[:at], score_of[row[PK]] or 0, *row[at:]) for row in read]


def at_most(results, limit):
    """The best of what a search found, in a time that does not grow with what it found."""
    return results.at_most(limit) if hasattr(results, "at_most") else results[:limit]


def by_code(code: str) -> list[tuple]:
    """Those whose serial number it is, or whose code begins so. `code` is in small letters."""
    begins = Q(serial_number__iexact=code)
    if len(code) >= SHORTEST_CODE:
        # Codes are in capitals.
        written = code.upper()
        begins |= Q(basic_code__startswith=written) | Q(implementation_code__startswith=written)
    guides = Guide.objects.in_force().filter(begins).annotate(_whole=Value(0), _score=Value(0.0))
    return [(*row, 0) for row in guides.values_list(*FIELDS)]


def having_all(words: list[str], typed: str) -> list[tuple]:
    """Those that have every one of `words` somewhere. Rank: by where all of them stand together (STEPS); within
    the name by how it stands to `typed`, and the shorter name first; of everyday names the same, and then as
    editors listed what each means."""
    asked = PlainText(" ".join(words), operator="and")
    guides = _guides(typed)
    results = guides.search(asked)
    if not hasattr(results, "matching_keys"):
        return [(*row, 0) for row in _rows(results)]
    with results.planned():
        rows = _rows(results)
        # The index also has guides that have expired.
        steps = [guides.search(asked, fields=fields) for fields in STEPS]
        step_of = _steps(steps, {row[PK] for row in rows})
    rank_of = _ranks_by_everyday_names(typed) if EVERYDAY in step_of.values() else {}
    ranked = []
    for row in rows:
        rank = step_of.get(row[PK], IN_TEXT)
        if rank == EVERYDAY:
            rank += rank_of.get(row[FOLD], LAST_OF_A_STEP)
        ranked.append((*row, rank if rank else row[WHOLE]))
    return ranked


def _steps(steps, left):
    """{key: the first of the steps that finds it}, of the guides `left` at least."""
    if 0 < len(left) <= FEW:
        return steps[0].first_to_match(steps)
    step_of = {}
    for step, results in enumerate(steps):
        if not left:
            break
        here = left & results.matching_keys()
        step_of.update(dict.fromkeys(here, step))
        left -= here
    return step_of


def _ranks_by_everyday_names(typed):
    """{fold: rank within the step, below LAST_OF_A_STEP} of what everyday names that hold `typed` mean: the whole
    phrase, then the shorter first, each time in the order in which editors listed it."""
    key = key_of(typed)
    if not key:
        return {}
    meant = EverydayNameItem.objects.filter(name__key__contains=key)
    in_order = meant.order_by(Length("name__key"), "name__key", "sort_order", "pk")
    ranks = {}
    for number, (page, code) in enumerate(in_order.values_list("page", "page__basic_code")[:MOST_PHRASES]):
        ranks.setdefault(fold_of_code(code, page), LAST_OF_A_STEP * number / MOST_PHRASES)
    return ranks


def sounding_like(typed: str) -> tuple[str, list[tuple]]:
    """Those with a name spoken like `typed`, and the characters of it where they are the same in most: they
    can be looked for in turn. Of more than MOST_COMPARED only so many. Two characters are no slip for two others."""
    chars = key_of(typed)
    one_of = set(chars) if len(chars) == 2 and is_chinese(chars) else set()
    return _spoken_so(asked_tokens(typed), one_of)


def spoken(syllables: list[str]) -> tuple[str, list[tuple]]:
    """The same of whole syllables."""
    return _spoken_so([(pairs(syllables) or [f"1{each}" for each in syllables], True)] if syllables else [])


def _spoken_so(asked, one_of=frozenset()):
    """`one_of`: characters of which the part of the name that is spoken so has to have one, unless it is empty."""
    for tokens, is_complete in asked:
        asked = PlainText(" ".join(tokens), operator="and")
        search = _guides().search if is_complete else _guides().autocomplete
        found, written, part_of = [], {}, {}
        results = at_most(search(asked, fields=["sound_tokens"]), MOST_COMPARED)
        rows = _rows(results, "text__sound", "name", "text__everyday", "text__subject")
        for *row, sound, name, everyday, subject in rows:
            in_one_run = is_in_one_run(tokens, sound, is_complete)
            # First letters alone say little: they have to stand together.
            if not in_one_run and tokens[0].startswith("3"):
                continue
            part = ""
            if in_one_run and (one_of or max(written.values(), default=0) < ENOUGH_AGREE):
                # Names come again and again, in every place; topics and departments even more.
                for line in (name, *everyday.splitlines(), *subject.splitlines()):
                    if line not in part_of:
                        part_of[line] = part_spoken_so(tokens, is_complete, [line])
                    if part_of[line] and (not one_of or one_of & set(part_of[line])):
                        part = part_of[line]
                        written[part] = written.get(part, 0) + 1
                        break
            if part or not one_of:
                found.append((*row, 0 if in_one_run else 1))
        if found:
            return max(written, key=written.get, default=""), found
    return "", []


def named_nearly(pieces: list[str]) -> list[tuple]:
    """Those whose name, or everyday name, differs in few characters from what was typed, or is longer than what
    is short for it."""
    typed = "".join(pieces)
    alternatives = likeness.all_but_one(typed) or likeness.all_characters(typed)
    if not alternatives:
        return []
    asked = Or([PlainText(" ".join(chars), operator="and") for chars in alternatives])
    results = at_most(_guides().search(asked, fields=CALLED), MOST_COMPARED)
    rows = _rows(results, "name_key", "text__everyday")
    near, found = {}, []
    for *row, name, everyday in rows:
        if (name, everyday) not in near:
            names = [name, *(key_of(line) for line in everyday.splitlines())]
            near[name, everyday] = max(
                likeness.nearness(typed, names),
                likeness.ABBREVIATED * any(likeness.is_short_for(typed, each) for each in names),
            )
        if near[name, everyday] >= likeness.NEAR_ENOUGH:
            found.append((*row, -near[name, everyday]))
    return found


def abbreviated(pieces: list[str]) -> list[tuple]:
    """Those whose name, or everyday name, is longer than what the beginning of it is short for: 社保卡挂失."""
    typed = "".join(pieces)
    if not is_chinese(typed):
        return []
    for length in ABBREVIATIONS:
        beginning = typed[:length]
        asked = PlainText(" ".join(beginning), operator="and")
        if len(typed) <= length:
            continue
        results = at_most(_guides().search(asked, fields=CALLED), MOST_COMPARED)
        found, is_meant = [], {}
        for *row, name, everyday in _rows(results, "name_key", "text__everyday"):
            if (name, everyday) not in is_meant:
                names = [name, *(key_of(line) for line in everyday.splitlines())]
                is_meant[name, everyday] = any(likeness.is_short_for(beginning, each) for each in names)
            if is_meant[name, everyday]:
                found.append((*row, 0))
        if found:
            return found
    return []


def stand_together(typed: str, rows) -> bool:
    """Whether the text of one of `rows` (of the first LOOKED_INTO) has each run of `typed` in one."""
    runs = [run for run in runs_of(typed) if len(run) > 2 and is_chinese(run)]
    if not runs:
        return True  # each is one word, which the guide has
    texts = GuideText.objects.filter(pk__in=[row[PK] for row in rows[:LOOKED_INTO]])
    # Most are written as they are typed: then none has to be fetched and normalised.
    as_typed = texts.filter(*(Q(body__contains=run) for run in runs))
    return as_typed.exists() or any(
        all(run in text for run in runs) for text in map(normalise, texts.values_list("body", flat=True))
    )


def sounding_nearly(syllables: list[str]) -> list[tuple]:
    """Those with a name that differs from what is spoken in a syllable or two, or is spoken like enough of it."""
    asked = pairs(syllables)
    if len(asked) < 2:
        # The only pair was looked for with all that sounds like what was typed.
        return []
    weight_of, results = _having_any(asked, SPOKEN)
    near, rows = {}, []
    for *row, sound in _rows(results, "text__sound") if results is not None else ():
        if sound not in near:
            near[sound] = max(
                likeness.nearness(syllables, names_spoken(sound)),
                likeness.evidence_of_sound(weight_of, sound),
            )
        rows.append((row, near[sound]))
    return _enough(rows)


def having_some(pieces: list[str]) -> list[tuple]:
    """Those called by enough of what was said. The rarer a word among the guides, the more it says."""
    words = [word for word in terms(" ".join(pieces)) if len(word) > 1]
    weight_of, results = _having_any(words, CALLED)
    if results is None:
        return []
    rows, named = _evidence(pieces, weight_of, results)
    return _enough(_as_listed(rows, "".join(pieces)), named)


def having_a_little(pieces: list[str], limit: int) -> list[tuple]:
    """At most `limit` for which a little speaks, though not enough to be shown as hits; also in their text. The
    likeliest first."""
    words = [word for word in terms(" ".join(pieces)) if len(word) > 1]
    weight_of, results = _having_any(words, WORDS, limit)
    if results is None:
        return []
    rows, _named = _evidence(pieces, weight_of, results)
    little = [(*row, -score) for row, score in rows if score >= likeness.A_LITTLE]
    return sorted(little, key=lambda row: (row[-1], row[PK]))


def _evidence(pieces, weight_of, results):
    """[(row, how much speaks for it)], and the folds of those in whose name one of several pieces stands whole."""
    said = likeness.Said(
        pieces, weight_of, words_of_acts(pieces), words_of_kin(pieces), words_at_borders(pieces)
    )
    rows, scores, named = [], {}, set()
    texts = ("fold", "name_key", "text__everyday", "text__subject", "text__body")
    for *row, fold, name, everyday, subject, body in _rows(results, *texts):
        if fold not in scores:
            phrases = [key_of(line) for line in everyday.splitlines()]
            guide = likeness.Words(name, phrases, normalise(subject), normalise(body))
            scores[fold] = likeness.evidence(said, guide)
            if likeness.is_named_in_part(said, guide):
                named.add(fold)
        rows.append((row, scores[fold]))
    return rows, named


def _as_listed(rows, typed):
    """Guides that an everyday name means which was said whole stand as editors listed them: what else speaks for one
    of them tells it from other guides, not from these."""
    lengths = range(2, LONGEST_PHRASE + 1)
    said = {typed[at : at + length] for length in lengths for at in range(len(typed) - length + 1)}
    meant = EverydayNameItem.objects.filter(name__key__in=said)
    in_order = meant.order_by(-Length("name__key"), "name__key", "sort_order", "pk")
    listed = {}
    for number, (page, code) in enumerate(in_order.values_list("page", "page__basic_code")[:MOST_PHRASES]):
        listed.setdefault(fold_of_code(code, page), number)
    best = max((score for row, score in rows if row[FOLD] in listed), default=0)
    return [
        (row, best - NEXT_IN_LIST * listed[row[FOLD]] if row[FOLD] in listed else score)
        for row, score in rows
    ]


def _enough(rows, named=frozenset()):
    """Those for which enough speaks, beside the best; of the folds `named`, for which enough speaks at all."""
    best = max((score for _row, score in rows), default=0)
    floor = max(likeness.ENOUGH, best * likeness.NEAR_THE_BEST)
    return [
        (*row, -score) for row, score in rows if score >= (likeness.ENOUGH if row[FOLD] in named else floor)
    ]


def _having_any(words, fields, limit=MOST_COMPARED):
    """(what each of the words tells, at most `limit` guides that have one which tells enough); None for
    these where no word does."""
    if not words:
        return {}, None
    frequency_of = _frequencies(words, fields)
    weight_of = likeness.weights(frequency_of, Guide.objects.in_force().count())
    telling = [word for word in words if frequency_of[word] and weight_of[word] >= likeness.TELLING]
    if not telling:
        return weight_of, None
    asked = PlainText(" ".join(_rarest(telling, frequency_of)), operator="or")
    return weight_of, at_most(_guides().search(asked, fields=fields), limit)


def _rarest(words, frequency_of):
    """As many of the words as no more than MOST_COMPARED guides have, the rarest first; always one. What only
    commoner words speak for has little that speaks for it."""
    rarest, guides = [], 0
    for word in sorted(words, key=frequency_of.get):
        guides += frequency_of[word]
        if rarest and guides > MOST_COMPARED:
            break
        rarest.append(word)
    return rarest


def _frequencies(words, fields):
    index = get_search_backend().get_index_for_model(Guide)
    if hasattr(index, "frequencies"):
        return index.frequencies(words, fields)
    return {word: _guides().search(word, fields=fields).count() for word in words}
