"""The direction of imports (pyproject.toml, [tool.importlinter]) holds, and is really looked at."""

import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def rooms():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return config["tool"]["importlinter"]["root_packages"]


@pytest.fixture(autouse=True)
def loggers_stay(monkeypatch):
    """The linter's command line switches off the loggers of whatever process it runs in."""
    monkeypatch.setattr("importlinter.cli.logging_config.dictConfig", lambda config: None)


def test_imports_go_one_way(monkeypatch, capfd):
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capfd.readouterr().out


def test_every_room_is_looked_at(rooms):
    """A new package is under the contract, or this test names it."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages == set(rooms)


def test_the_linter_sees_an_import_against_the_direction(tmp_path, monkeypatch, capfd):
    """The contract itself, run on four empty rooms of which one reaches upwards."""
    for room in ("cms", "search", "reviewflow", "servicepages"):
        package = tmp_path / f"{room}_sample"
        package.mkdir()
        package.joinpath("__init__.py").write_text("")
    tmp_path.joinpath("servicepages_sample", "models.py").write_text("import reviewflow_sample\n")
    config = (ROOT / "pyproject.toml").read_text()
    for room in ("cms", "search", "reviewflow", "servicepages"):
        config = config.replace(f'"{room}"', f'"{room}_sample"')
    config = config.replace('"search | reviewflow"', '"search_sample | reviewflow_sample"')
    tmp_path.joinpath("pyproject.toml").write_text(config)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    status = lint_imports(config_filename=str(tmp_path / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 1, capfd.readouterr().out
