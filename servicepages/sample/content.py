"""Reads `data/*.toml`: what the sample says, apart from how it is made."""

import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
CITY = "鸡西市"


@cache
def read(name: str) -> dict:
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def regions() -> list[dict]:
    return read("places")["region"]


def halls() -> list[dict]:
    return read("halls")["hall"]


def laws() -> list[dict]:
    return read("laws")["law"]


def people() -> list[dict]:
    return read("people")["person"]


@cache
def departments() -> list[dict]:
    """Every department with `region` and `login` (the first half of its people's logins), the city's
    first, in the order of the register."""
    city = read("departments")["city"]
    by_name = {department["name"]: department for department in city}
    prefixes = {region["name"]: region["login"] for region in regions()}
    listed = [{**department, "region": CITY} for department in city]
    for region, names in read("departments")["elsewhere"].items():
        for name in names:
            login = f"{prefixes[region]}-{by_name[name]['login']}"
            listed.append({**by_name[name], "region": region, "short": "", "login": login})
    return listed


@cache
def items() -> list[dict]:
    """Every item with the `place` it is handled at: one that several places handle, once for each."""
    listed = []
    for path in sorted((DATA / "items").glob("*.toml")):
        for item in read(f"items/{path.stem}")["item"]:
            for place in (CITY, *item.get("also_in", ())):
                listed.append({**item, "place": place})
    return listed


@cache
def histories() -> dict[tuple[str, str], dict]:
    """What became of an item, by (place, name); published straight away where nothing is said."""
    return {(each.get("place", CITY), each["item"]): each for each in read("histories").get("history", [])}


def pages() -> dict:
    return read("pages")
