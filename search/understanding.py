"""What somebody means who writes a whole sentence: the words that carry meaning, without the chatter.

Only asked when no guide has everything that was typed, so that a name which holds one of these words
is found by it all the same.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from search.sound import said_in_pinyin, spoken
from search.text import normalise

# Whole expressions, wherever they stand in the sentence.
_SAYINGS = """
    请问一下 请问 想问一下 想问问 想问 问一下 问问 打听一下 咨询一下 咨询 你好 您好 麻烦 谢谢 求助 急
    俺们 俺家 俺 咱们 咱家 咱 我们家 我家 我们 我想 我要 我是 我的 我 想要 想 打算 准备 希望 需要 必须 应该 应当 可以 可不可以 能不能 能否 是否 是不是 有没有
    要不要 用不用 会不会 行不行 怎么样 怎么办理 怎么办 怎么弄 怎么申请 怎么领 怎么 怎样 咋办 咋整 咋弄 咋 如何办理 如何申请 如何
    在哪里办 在哪里 在哪儿办 在哪儿 在哪办 在哪 去哪里办 去哪里 去哪儿办 去哪儿 去哪办 去哪 到哪里 到哪儿 到哪 上哪儿 上哪 哪里 哪儿 哪个部门 哪个 哪些 哪
    什么地方 什么部门 什么证件 什么材料 什么手续 什么条件 什么时候 什么证 什么 啥手续 啥材料 啥证 啥 多少钱 多少天 多少 多久 多长时间 几天 几次 几个
    办理流程 办理手续 办理条件 办理材料 办理地点 办理时间 申请流程 申请条件 申请材料 所需材料 需带材料 手续 流程 费用 条件 指南 攻略 材料清单
    要带 需带 带上 带着 要交 要准备 要跑 找谁 归谁管 谁管 联系电话 电话
    现在 已经 之前 以后 之后 的时候 时候 刚刚 刚 一下子 一下 一个 一家 一份 一张 一本 一些 这个 那个 这种 那种 有个 开个 还是 或者 以及 和 与 跟 因为 所以 如果 但是 就是
    本人 自己 别人 人家 家里 家人 有人 老百姓
""".split()  # noqa: SIM905
# Single characters that say nothing by themselves, at the beginning or the end of what is left.
_BEGINNINGS = "办要去来得给把被让在从到用该能会有是就都还也想个"
_ENDINGS = "吗呢吧呀啊嘛么的了着过得办要去来啦呗是有个都"
# Words that begin or end with one of them and are none of them.
_WORDS_THAT_BEGIN_SO = """
    个人 个体 个税 从业 从事 会计 会议 会展 到期 用地 用工 用水 用人 用电 用房 用药 用能 有限 有偿 有机 有线 有效 能源 能耗 能效 就业 就医 就学 就诊
    办理 办事 办学 办公 给水 给付 还款 还建 还贷 来华 来往 来源 要素 要约 把关 被害 被征 想象 都市
""".split()  # noqa: SIM905
_WORDS_THAT_END_SO = """
    网吧 酒吧 茶吧 书吧 水吧 氧吧 话吧 陶吧 贴吧 开办 合办 民办 公办 举办 承办 主办 通过 经过 所得 供给 发给 国有 所有 私有 纪要 摘要
    目的 标的 会到 报到 签到 首都 成都
""".split()  # noqa: SIM905
# Inside a word people break it with these: 开个饭店, 结了婚, 上个户口; and they say 弄丢了 for 丢了.
_INSIDE = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:一个|一家|个(?![人体税])|了)(?=[\u4e00-\u9fff])|弄(?=[丢坏没错掉破])"
)
_WORD = re.compile(r"[^\W_]+")
# Said so often of any service that they tell none from the other, alone or around a name.
_OF_ANY_SERVICE = ("办理", "申请", "办", "申办", "领取", "申领", "证件", "业务", "服务", "事项")
# What a service does, whatever it is about: of any word beside them these say little.
_ACTS = """
    许可证 许可 审批 审核 核准 核发 核定 批准 备案 登记证 登记 注册 认定 认证 鉴定 确认 签发 发放 申领 申报 办理 变更 注销 延续 撤销
    补办 补领 补发 换发 换领 换证 初审 年检 年审 年报 执业 从业 经营 设立 设置 证书 证明 资质
""".split()  # noqa: SIM905
# Of whom or for whom something is asked, beside the asker: kin, and the young of a family.
_KIN = """
    孩子 小孩子 小孩 小孩儿 娃娃 宝宝 婴儿 新生儿 儿子 女儿 闺女 儿女 子女 孙子 孙女 外孙
    爸爸 妈妈 爸妈 老爸 老妈 父亲 母亲 父母 爹妈 公公 婆婆 岳父 岳母 公婆
    爷爷 奶奶 姥姥 姥爷 外公 外婆 老头 老太太 老公 老婆 媳妇 丈夫 妻子 爱人 配偶 男朋友 女朋友
    哥哥 姐姐 弟弟 妹妹 兄弟 姐妹 叔叔 舅舅 姑姑 阿姨 亲戚 亲属 家属
""".split()  # noqa: SIM905
# The old, of whom or for whom it is asked as well, but of whom some services are, too.
_PERSONS = [*_KIN, "老人家", "老人"]
# The place that everybody is in, beside those of the register.
_COUNTRY = ("中国", "我国", "国家", "全国")
# The last character of a place's name, which people leave out.
_KINDS_OF_PLACE = "市县区"
SHORTEST_PLACE = 2
# So many characters hold three words.
LONGEST_PART = 6


@cache
def _chatter():
    """In the form that `normalise` gives a query; made on first use, as that loads OpenCC."""
    return _any_of(_SAYINGS), "".join(normalise(char) for char in _ENDINGS)


def _any_of(words):
    """A pattern of the words as `normalise` writes them, the longest first."""
    known = sorted({normalise(word) for word in words}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, known)))


def _stripped(word):
    """A word without what says nothing at its beginning and its end. Neither goes where a single character
    would be left that says nothing by itself either."""
    _sayings, endings = _chatter()
    begun = ended = word
    while begun[:1] in _BEGINNINGS and begun and not begun.startswith(tuple(_WORDS_THAT_BEGIN_SO)):
        begun = begun[1:]
    ended = begun
    while ended and ended[-1] in endings and not ended.endswith(tuple(_WORDS_THAT_END_SO)):
        ended = ended[:-1]
    if len(ended) == 1 < len(word):
        return begun if len(begun) > 1 else word
    return ended


def meaning(query: str) -> list[str]:
    """The pieces of a query that carry meaning, in its order, normalised; none where it is all chatter."""
    sayings, _endings = _chatter()
    said = _INSIDE.sub("", normalise(query))
    pieces = map(_stripped, _WORD.findall(sayings.sub(" ", said)))
    return [piece for piece in pieces if piece]


def without_common_words(pieces: list[str]) -> list[str]:
    """The same without the words that are said of any service (办理, 申请); the pieces themselves where
    nothing else is left."""
    left = []
    for piece in pieces:
        for word in _OF_ANY_SERVICE:
            piece = piece.removeprefix(word).removesuffix(word)
        if piece:
            left.append(piece)
    return left or pieces


def without(pieces: list[str], borders: re.Pattern) -> list[str]:
    """The same without what `borders` matches, which ends a word that stands beside it; the pieces themselves
    where nothing else is left."""
    left = [_stripped(word) for piece in pieces for word in borders.sub(" ", piece).split()]
    return [word for word in left if word] or pieces


def _apart(pieces):
    """The same with persons as pieces of their own."""
    return [word for piece in pieces for word in _persons().sub(r" \g<0> ", piece).split()]


@cache
def _persons():
    return _any_of(_PERSONS)


@cache
def _kin():
    return _any_of(_KIN)


@lru_cache(maxsize=8)
def _where(places):
    return _any_of([*_COUNTRY, *(form for place in places for form in _forms(place))])


def _forms(place):
    """A place's name, and what people call it for short."""
    short = place[:-1]
    is_short_enough = place[-1:] in _KINDS_OF_PLACE and len(short) >= SHORTEST_PLACE
    return (place, short) if is_short_enough else (place,)


@lru_cache(maxsize=8)
def _normalised_forms(places):
    return [(normalise(form), place) for place in places for form in _forms(place)]


class Readings(NamedTuple):
    """What a query may be about, from all that carries meaning to the least that it can be, as pieces in the
    order typed."""

    pieces: list[str]
    # Without what is said of any service.
    narrow: list[str]
    # Without the place that it is asked for, and with persons apart from the words beside them.
    anywhere: list[str]
    # Without the persons, too: who applies for a child applies for the same.
    core: list[str]


def readings_of(query: str, places: Iterable[str] = ()) -> Readings:
    """`places`: names of the register."""
    pieces = meaning(query)
    narrow = without_common_words(pieces)
    anywhere = without(narrow, _where(tuple(places)))
    core = without_common_words(without(anywhere, _persons()))
    return Readings(pieces, narrow, _apart(anywhere), core)


def place_named(query: str, places: Iterable[str]) -> str | None:
    """Which of `places` (names of the register) a normalised query names, the last where it names several:
    鸡西市鸡东县 is the county."""
    found = [(query.rfind(form), len(form), place) for form, place in _normalised_forms(tuple(places))]
    at, _length, place = max(found, default=(-1, 0, None))
    return place if at >= 0 else None


@cache
def _acts():
    return _any_of(_ACTS)


def words_of_acts(pieces: list[str]) -> set[str]:
    """Pairs of characters that say what a service does (许可, 可证) or reach into a word that does. None where
    nothing else was said: then that is what was meant."""
    return _words_of(_acts(), pieces)


def words_of_kin(pieces: list[str]) -> set[str]:
    """The same of those who say for whom something is asked (孩子)."""
    return _words_of(_kin(), pieces)


def _words_of(pattern, pieces):
    inside, others = set(), set()
    for piece in pieces:
        places = {at for match in pattern.finditer(piece) for at in range(*match.span())}
        for at in range(len(piece) - 1):
            (inside if {at, at + 1} & places else others).add(piece[at : at + 2])
    return inside - others if others else set()


def words_at_borders(pieces: list[str]) -> set[str]:
    """Pairs of characters at the beginning and at the end of what was said in one, and beside what services do.
    Of much that was said in one they may be anything."""
    parts = [part for piece in pieces for part in [piece, *_acts().split(piece)]]
    return {word for part in parts if 1 < len(part) <= LONGEST_PART for word in (part[:2], part[-2:])}


@cache
def _spoken_chatter():
    """Syllables of the sayings, of two and more: one syllable may be any word."""
    sayings = {tuple(spoken(saying)) for saying in _SAYINGS}
    return (
        {saying for saying in sayings if len(saying) > 1},
        set(spoken("我想要办去请在给")),
        set(spoken("吗呢吧呀啊嘛么的了")),
    )


def meaning_spoken(query: str) -> list[str]:
    """The syllables of a question in pinyin that carry meaning, all of them where it is all chatter; none where
    it is not all pinyin."""
    syllables = said_in_pinyin(query)
    return _without_spoken_chatter(syllables) or syllables


def _without_spoken_chatter(syllables):
    sayings, beginnings, endings = _spoken_chatter()
    longest = max(map(len, sayings))
    left, at = [], 0
    while at < len(syllables):
        lengths = range(min(longest, len(syllables) - at), 1, -1)
        length = next((n for n in lengths if tuple(syllables[at : at + n]) in sayings), 0)
        if not length:
            left.append(syllables[at])
        at += length or 1
    while len(left) > 2 and left[0] in beginnings:
        left = left[1:]
    while len(left) > 2 and left[-1] in endings:
        left = left[:-1]
    return left


# The year and the number of a document, written without the brackets between them: 201720号.
_GLUED_NUMBER = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([0-9]{1,4})(?=号)")
# A decree by its number, which texts write behind it: 国务院令第412号.
_DECREE = re.compile(r"第?([0-9]+)号令")
_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile(r"第?([0-9]{1,4})条")
_ARTICLE_IN_CHARACTERS = re.compile(rf"第[{_DIGITS}十百千]+条")


def with_numbers_apart(query: str) -> str:
    """The same with numbers as texts write them: the year of a document apart from its number, as brackets keep
    them; the article apart from its law, and in characters (民法典1077条)."""
    query = _GLUED_NUMBER.sub(r"\1 \2", query)
    query = _DECREE.sub(r" \1 号 ", query)
    query = _ARTICLE.sub(lambda match: f"第{in_characters(int(match[1]))}条", query)
    return _ARTICLE_IN_CHARACTERS.sub(r" \g<0> ", query)


def in_characters(number: int) -> str:
    """A number below 10,000 as laws write it: 一千零七十七, 一百一十, 十二."""
    written = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            written += _DIGITS[digit] + unit
        elif written and not written.endswith("零"):
            written += "零"
    written = written.rstrip("零") or "零"
    return written.removeprefix("一") if written.startswith("一十") else written


_CODE = re.compile(r"[0-9a-z-]{2,31}")


def as_code(query: str) -> str:
    """The query as a code or number of an item, or nothing: letters, digits and hyphens in one word, with a
    digit among them."""
    code = "".join(normalise(query).split())
    return code if _CODE.fullmatch(code) and any(char.isdigit() for char in code) else ""
