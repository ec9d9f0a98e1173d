"""Fixtures that are made once for the tests that follow each other and ask for the same ones; making them anew for
every test took most of the time of the run. They stand in a test module, or in a conftest for a whole folder.

A test finds what it asks for in the database and nothing that only another test asked for, in whatever order
they run: what is shared stands in levels, one for each fixture, which are taken off again from the top. What a
test itself does is taken back too, and it gets the objects fresh from their rows.
"""

import inspect
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import cache
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from django.db import models, transaction
from django.test import Client

from tests.database import copies

_functions = {}  # by name of the module, then of the fixture


def shared(function):
    """Instead of `@pytest.fixture`. What it asks for itself is shared, too."""
    name = function.__name__
    _functions.setdefault(function.__module__, {})[name] = function

    @pytest.fixture(name=name)
    def hand_out(db):
        return levels.hand_out(name)

    return hand_out


class Level(NamedTuple):
    key: tuple  # module of the fixture, its name, whether the tests commit
    made: object
    exit: object


class Levels:
    def __init__(self):
        self._levels = []

    def __bool__(self):
        return bool(self._levels)

    def bring_to(self, functions, commits):
        """Takes off and makes levels until they are exactly `functions`."""
        keys = [(function.__module__, function.__name__, commits) for function in functions]
        while [level.key for level in self._levels] != keys[: len(self._levels)]:
            self.take_off()
        made_already = len(self._levels)
        for key, function in list(zip(keys, functions, strict=True))[made_already:]:
            level = _committed(f"level{len(self._levels)}") if commits else _transaction()
            level.__enter__()
            try:
                made = function(*map(self.hand_out, inspect.signature(function).parameters))
            except BaseException:
                level.__exit__(None, None, None)
                raise
            if commits:
                copies.keep(f"level{len(self._levels)}")
            self._levels.append(Level(key, made, level.__exit__))

    def take_off(self):
        self._levels.pop().exit(None, None, None)

    def clear(self):
        while self._levels:
            self.take_off()

    def hand_out(self, name):
        return fresh({level.key[1]: level.made for level in self._levels}[name])


levels = Levels()


@contextmanager
def _transaction():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _committed(name):
    yield
    copies.drop(name)
    copies.bring_back()


def wanted_by(item) -> list:
    """The shared fixtures that a test asks for, as functions, each behind those that it needs itself."""
    here = _in_reach_of(item.module.__name__)
    asked, wanted = set(item.fixturenames), []

    def need(name):
        for argument in inspect.signature(here[name]).parameters:
            need(argument)
        if here[name] not in wanted:
            wanted.append(here[name])

    for name in here:
        if name in asked:
            need(name)
    return wanted


@cache
def _in_reach_of(module) -> dict:
    """Those of the conftests of its folder and of those above, and its own. As in pytest, the nearest has the name."""
    folders = module.split(".")[:-1]
    conftests = [".".join([*folders[: depth + 1], "conftest"]) for depth in range(len(folders))]
    found = {}
    for name in (*conftests, module):
        found |= _functions.get(name, {})
    return found


def fresh(value):
    """`value` with every model instance in it read anew. TypeError for what a test could change for the next."""
    match value:
        case models.Model():
            return type(value)._base_manager.get(pk=value.pk)
        case Client():
            client = Client()
            client.cookies = SimpleCookie({key: morsel.value for key, morsel in value.cookies.items()})
            return client
        case dict():
            return {key: fresh(each) for key, each in value.items()}
        case list() | tuple():
            return type(value)(fresh(each) for each in value)
        case SimpleNamespace():
            return SimpleNamespace(**fresh(vars(value)))
        case str() | int() | None:
            return value
    if is_dataclass(value):
        return replace(value, **{field.name: fresh(getattr(value, field.name)) for field in fields(value)})
    raise TypeError(f"a shared fixture cannot hold {type(value).__name__}")
