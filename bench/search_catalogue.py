"""Catalogues of any size for benchmarks of the search: what they hold is made here, `bench.search_loading` writes
it into a database.

An item is a name with its text, handled in ten places, as in life. Words, sentences, materials and laws are
those of the sample; how they are put together is chance, the same one at every run.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from random import Random

from servicepages.sample import content
from servicepages.vocabulary import CaseKind, ItemType, TimeUnit

PLACES = 10
# Characters of the text of an item, name included.
SHORTEST, LONGEST = 600, 1_500
# What a guide says beside it: department, hall, phone, codes, names of choices.
SAID_BESIDE = 100

RARE_QUERIES = COMMON_QUERIES = 250
# Guides that have the word of a rare query, at every size.
RARE_HITS = 20
COMMON_SHARE = 0.2
# Of queries of several words, which are chosen so that they have neither too few hits nor all of them.
SEVERAL_WORDS_SHARE = (0.3, 0.6)
# Every so many of the rare words stand in names, for all places of an item; the others in the text of one place.
IN_A_NAME = 4

_ACTIONS = (
    "办理",
    "申请",
    "核发",
    "审批",
    "登记",
    "备案",
    "变更登记",
    "注销登记",
    "换发",
    "补办",
    "延续",
    "年度审验",
)
_VARIANTS = ("", "（个人）", "（企业）", "（新办）", "（简易程序）")
_COMMON_WORDS = (  # noqa: SIM905
    "办理 申请 登记 材料 提交 窗口 审查 受理 决定 规定 条件 许可 证明 身份证 经营 单位 场所 审核 申请表 安全 管理 "
    "应当 工作日 营业执照 原件 复印件 符合 法律 条例 机关 行政 负责人 企业 人员 设施 服务 申请人 部门 中华人民共和国"
).split()
_ONLINE = (True,) * 6 + (False,) * 3 + (None,)
_VISITS = (0,) * 3 + (1,) * 5 + (2, 3)


@dataclass(frozen=True)
class Item:
    """What is the same in every place. `streams` holds the raw values of the StreamFields."""

    number: int
    title: str
    item_type: str
    department: float  # between 0 and 1: which of a place's departments; the first have the most
    topics: tuple[float, ...]  # the same of the topics
    who_may_apply: str
    limit_note: str
    promised_limit: int | None
    streams: dict[str, list[dict]]

    @property
    def basic_code(self) -> str:
        return f"99{self.number:010d}"

    @property
    def values(self) -> dict[str, str]:
        """Columns of a service item that are text or choices."""
        at_once = self.promised_limit is None
        return {
            "item_type": self.item_type,
            "basic_code": self.basic_code,
            "case_kind": CaseKind.ON_THE_SPOT if at_once else CaseKind.PROMISED,
            "promised_limit": self.promised_limit,
            "promised_limit_unit": TimeUnit.ON_THE_SPOT if at_once else TimeUnit.WORKING_DAYS,
            "time_limit_note": self.limit_note,
        }

    @property
    def text(self) -> str:
        """Its words, a value a line."""
        lines = [self.title, self.who_may_apply, self.limit_note]
        for stream in self.streams.values():
            for child in stream:
                lines += [value for value in child["value"].values() if isinstance(value, str)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Guide:
    """An item in one of its places."""

    item: Item
    place: int
    rare_words: tuple[str, ...]
    online: bool | None
    visits: int

    @property
    def who_may_apply(self) -> str:
        said = self.item.who_may_apply
        return f"{said}（{'、'.join(self.rare_words)}）" if self.rare_words else said


def guides(size: int):
    """The guides of a catalogue of `size` (a multiple of 200), place by place of each item."""
    in_names, in_texts = _rare_places(size)
    for number in range(size // PLACES):
        item = make_item(number, in_names.get(number, ()))
        for place in range(PLACES):
            chance = Random(f"guide {number} {place}")
            rare = tuple(in_texts.get((number, place), ()))
            yield Guide(item, place, rare, chance.choice(_ONLINE), chance.choice(_VISITS))


def make_item(number: int, names=()) -> Item:
    """The item of that number. `names`: rare words that its title ends with."""
    words = vocabulary()
    chance = Random(f"item {number}")
    base = number % len(words.stems)
    action = number // len(words.stems)
    title = words.stems[base] + _ACTIONS[action % len(_ACTIONS)] + _VARIANTS[action // len(_ACTIONS)]
    if names:
        title += f"（{'、'.join(names)}）"
    who, note = chance.choice(words.who), chance.choice(words.notes)
    streams = {
        "legal_bases": [],
        "conditions": [],
        "procedure": [],
        "materials": [],
        "result": [],
        "questions": [],
    }
    streams["result"].append(chance.choice(words.pools["result"]))
    wanted = SHORTEST + int((LONGEST - SHORTEST) * chance.betavariate(2, 3)) - SAID_BESIDE
    length = len(title) + len(who) + len(note)
    kinds = [kind for kind in streams if kind != "result"]
    while length < wanted:
        kind = chance.choice(kinds)
        child = chance.choice(words.pools[kind])
        if child in streams[kind]:
            continue
        streams[kind].append(child)
        length += sum(len(value) for value in child["value"].values() if isinstance(value, str))
    return Item(
        number=number,
        title=title,
        item_type=chance.choice(ItemType.values),
        department=chance.random() ** 2,
        topics=tuple(chance.random() ** 2 for _ in range(chance.choice((1, 1, 2)))),
        who_may_apply=who,
        limit_note=note,
        promised_limit=None if chance.random() < 0.15 else chance.randint(1, 20),
        streams=streams,
    )


@dataclass(frozen=True)
class Vocabulary:
    stems: list[str]
    who: list[str]
    notes: list[str]
    pools: dict[str, list[dict]]


@cache
def vocabulary() -> Vocabulary:
    """What the sample's items are made of, each piece once."""
    items = {item["name"]: item for item in content.items()}.values()
    stems = [item["name"] for item in items]
    pools = {
        kind: [] for kind in ("legal_bases", "conditions", "procedure", "materials", "result", "questions")
    }
    for item in items:
        for line in item["basis"]:
            law, number, article, quotation = [*line.split("|", 3), "", "", ""][:4]
            pools["legal_bases"].append(
                _child(
                    "legal_basis",
                    law=law,
                    document_number=number,
                    article=article,
                    quotation=quotation,
                    link="",
                )
            )
        for line in item.get("procedure", ()):
            name, _colon, description = line.partition("：")
            pools["procedure"].append(_child("step", name=name, description=description))
        pools["conditions"] += [_child("condition", text=text) for text in item.get("conditions", ())]
        pools["questions"] += [_child("question", question=q, answer=a) for q, a in item.get("questions", ())]
        for line in item.get("result", ()):
            name, kind = line.split("|")
            pools["result"].append(_child("result", name=name, kind=kind, sample=None))
            stems.append(name)
        for each in item.get("materials", ()):
            if isinstance(each, dict):
                pools["materials"].append(_material(each))
                stems.append(each["name"])
    return Vocabulary(
        stems=list(dict.fromkeys(stem for stem in stems if len(stem) > 2)),
        who=[item["who"] for item in items if "who" in item],
        notes=[item["limit_note"] for item in items if "limit_note" in item],
        pools=pools,
    )


def _child(block, **value):
    return {"type": block, "value": value}


def _material(each):
    return _child(
        "material",
        name=each["name"],
        notes=each.get("notes", ""),
        blank_form=None,
        filled_in_sample=None,
        file_kinds=["picture"],
        upload_required=True,
        original_required=each.get("original", False),
        copies=each.get("copies", 0),
    )


@cache
def rare_queries() -> list[str]:
    """Coined words of two to four characters. The characters are common, but no two of them stand beside each
    other in any other text, so that a search by pairs of characters finds nothing else."""
    words = vocabulary()
    texts = [*words.who, *words.notes, *_COMMON_WORDS]
    texts += [stem + action for stem in words.stems for action in _ACTIONS]
    for pool in words.pools.values():
        texts += [value for child in pool for value in child["value"].values() if isinstance(value, str)]
    taken = {pair for text in texts for pair in pairwise(text)}
    characters = sorted({char for text in texts for char in text if "\u4e00" <= char <= "\u9fff"})
    chance = Random("rare words")
    coined = []
    while len(coined) < RARE_QUERIES:
        word = "".join(chance.sample(characters, 2 + len(coined) % 3))
        pairs = set(pairwise(word))
        if not pairs & taken:
            taken |= pairs
            coined.append(word)
    return coined


def _rare_places(size):
    """({number of an item: words of its name}, {(number, place): words of the guide's text}): each word in
    RARE_HITS guides, spread over the catalogue."""
    items = size // PLACES
    in_names, in_texts = {}, {}
    for at, word in enumerate(rare_queries()):
        if at % IN_A_NAME == 0:
            for number in range(RARE_HITS // PLACES):
                step = items * PLACES // RARE_HITS
                in_names.setdefault((at * 13 + number * step) % items, []).append(word)
        else:
            for number in range(RARE_HITS):
                where = (at * 7 + number * (items // RARE_HITS)) % items, (at + number) % PLACES
                in_texts.setdefault(where, []).append(word)
    return in_names, in_texts


@cache
def spoken_queries() -> list[str]:
    """Words that many names have, as pinyin, and the initials of two of them; a single syllable that nearly
    every guide has."""
    return ["zheng", "shenqing", "sq", "banli", "bl", "dengji", "xuke", "xk", "shenp", "bian"]


def common_queries() -> list[str]:
    """One to three words each that many texts have: all of them in at least COMMON_SHARE of the items."""
    texts = [make_item(number).text for number in range(500)]
    having = {word: {at for at, text in enumerate(texts) if word in text} for word in _COMMON_WORDS}
    least, most = (len(texts) * share for share in SEVERAL_WORDS_SHARE)
    known = [word for word in _COMMON_WORDS if len(having[word]) >= least]
    chance = Random("common queries")
    queries = dict.fromkeys(known)
    while len(queries) < COMMON_QUERIES:
        words = chance.sample(known, chance.choice((2, 3)))
        if least <= len(set.intersection(*(having[word] for word in words))) <= most:
            queries[" ".join(words)] = None
    return list(queries)
