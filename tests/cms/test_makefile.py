"""The commands that the documents tell people to type exist, and `make help` knows them all."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])


@pytest.fixture(scope="module")
def targets():
    return set(re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_help_lists_every_target(targets):
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make (\S+)", done.stdout, re.MULTILINE)) == targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_targets_that_exist(document, targets):
    named = re.findall(r"(?:`|^    )make ([a-z][a-z-]*)", document.read_text(), re.MULTILINE)
    assert set(named) <= targets


def test_make_run_starts_what_the_procfile_names():
    names = re.findall(r"^(\w+):", (ROOT / "Procfile").read_text(), re.MULTILINE)
    assert names == ["web", "worker"]  # honcho gives the first one the port that was asked for
