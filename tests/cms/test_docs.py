"""The documentation keeps up: every command of ours is explained, and no link leads nowhere."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
COMMANDS = sorted(
    path.stem for path in ROOT.glob("*/management/commands/*.py") if not path.stem.startswith("_")
)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_explained(command):
    assert f"| `{command}` |" in (ROOT / "docs" / "commands.md").read_text()


def test_no_command_is_explained_that_does_not_exist():
    explained = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "commands.md").read_text(), re.M)
    assert sorted(explained) == COMMANDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (Path(page).parent / target).exists(), target


def test_every_page_of_the_documentation_is_found_from_the_map():
    """A page that nothing links to is read by nobody."""
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text())
    }
    orphans = [page for page in ROOT.glob("docs/*.md") if page.resolve() not in linked]
    assert orphans == []
