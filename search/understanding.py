"""What somebody means who writes a whole sentence: the words that carry meaning, without the chatter.

Only asked when no guide has everything that was typed, so that a name which holds one of these words
is found by it all the same.
"""

import re
from functools import cache

from search.text import normalise

# Whole expressions, wherever they stand in the sentence.
_SAYINGS = """
    请问一下 请问 想问一下 想问问 想问 问一下 问问 打听一下 咨询一下 咨询 你好 您好 麻烦 谢谢 求助 急
    我们家 我家 我们 我想 我要 我是 我的 我 想要 想 打算 准备 希望 需要 必须 应该 应当 可以 可不可以 能不能 能否 是否 是不是 有没有
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
_ENDINGS = "吗呢吧呀啊嘛么的了着过得办要去来啦呗是有个"
# Inside a word people break it with these: 开个饭店, 结了婚, 上个户口.
_INSIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?:一个|一家|个|了)(?=[\u4e00-\u9fff])")
_WORD = re.compile(r"[^\W_]+")
# Said so often of any service that they tell none from the other, alone or around a name.
_OF_ANY_SERVICE = ("办理", "申请", "办", "申办", "领取", "申领", "证件", "业务", "服务", "事项")


@cache
def _chatter():
    """In the form that `normalise` gives a query; made on first use, as that loads OpenCC."""
    sayings = sorted({normalise(saying) for saying in _SAYINGS}, key=len, reverse=True)
    endings = "".join(normalise(char) for char in _ENDINGS)
    return re.compile("|".join(map(re.escape, sayings))), endings


def meaning(query: str) -> list[str]:
    """The pieces of a query that carry meaning, in its order, normalised; none where it is all chatter."""
    chatter, endings = _chatter()
    said = _INSIDE.sub("", normalise(query))
    pieces = []
    for word in _WORD.findall(chatter.sub(" ", said)):
        piece = word.lstrip(_BEGINNINGS).rstrip(endings)
        if piece:
            pieces.append(piece)
    return pieces


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


_CODE = re.compile(r"[0-9a-z-]{2,31}")


def as_code(query: str) -> str:
    """The query as a code or number of an item, or nothing: letters, digits and hyphens in one word, with a
    digit among them."""
    code = "".join(normalise(query).split())
    return code if _CODE.fullmatch(code) and any(char.isdigit() for char in code) else ""
