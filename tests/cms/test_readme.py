"""The README's promises: the logins it lists can log in, and the pictures it shows are there."""

import re
from pathlib import Path

import pytest

from reviewflow.management.commands.sample_logins import Command
from servicepages.sample.people import SAMPLE_PASSWORD

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["README.md", "README.zh-hans.md"])
def readme(request):
    return (ROOT / request.param).read_text()


def test_the_sample_logins_are_those_that_the_command_prints(readme):
    rows = re.findall(r"^\| (`.*?) \|", readme, re.MULTILINE)
    listed = [login for row in rows for login in re.findall(r"`([^`]+)`", row)]
    assert listed == [login for login, _role in Command().listed()]
    assert f"`{SAMPLE_PASSWORD}`" in readme


def test_what_it_points_to_is_there(readme):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", readme)
    assert len(targets) > 5
    assert [target for target in targets if not (ROOT / target).exists()] == []
