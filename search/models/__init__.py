from search.models.everyday import EverydayName, EverydayNameItem
from search.models.guides import Guide, GuideText
from search.models.handlers import HandlerText
from search.models.searches import ChosenGuide, SearchedText

__all__ = [
    "ChosenGuide",
    "EverydayName",
    "EverydayNameItem",
    "Guide",
    "GuideText",
    "HandlerText",
    "SearchedText",
]
