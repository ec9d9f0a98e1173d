"""Which browser the browser tests take, and what a person is told where there is none."""

import pytest

from tests.e2e import chromium


@pytest.fixture
def machine(monkeypatch):
    """A machine of which the test says what is on PATH; records what would have been installed."""

    class Machine:
        path = {"chromium": "/usr/bin/chromium"}
        font = True
        apt = True
        playwrights_own = None
        installed = []

        def apt_install(self, *packages):
            self.installed.append(packages)
            if "chromium" in packages:
                self.path = {"chromium": "/usr/bin/chromium"}
            if "fonts-noto-cjk" in packages:
                self.font = True
            return True

    machine = Machine()
    machine.installed = []
    monkeypatch.setattr(chromium.shutil, "which", lambda name: machine.path.get(name))
    monkeypatch.setattr(chromium, "_playwrights_own", lambda: machine.playwrights_own)
    monkeypatch.setattr(chromium, "has_chinese_font", lambda: machine.font)
    monkeypatch.setattr(chromium, "_may_use_apt", lambda: machine.apt)
    monkeypatch.setattr(chromium, "_apt_install", machine.apt_install)
    monkeypatch.setattr(chromium, "_playwright_install", lambda: machine.installed.append("playwright"))
    return machine


@pytest.mark.parametrize("name", chromium.NAMES)
def test_a_browser_on_path_is_taken_as_it_is(machine, name):
    machine.path = {name: f"/usr/bin/{name}"}
    assert chromium.find() == f"/usr/bin/{name}"
    assert chromium.main() == 0
    assert machine.installed == []


def test_playwrights_own_is_taken_where_path_has_none(machine):
    machine.path = {}
    machine.playwrights_own = "/home/someone/chrome"
    assert chromium.find() == "/home/someone/chrome"


def test_debians_package_is_installed_with_a_chinese_font(machine):
    machine.path, machine.font = {}, False
    assert chromium.main() == 0
    assert machine.installed == [("chromium", "fonts-noto-cjk", "fontconfig")]


def test_a_font_alone_is_installed_beside_a_browser_that_is_there(machine):
    machine.font = False
    assert chromium.main() == 0
    assert machine.installed == [("fonts-noto-cjk", "fontconfig")]


def test_playwrights_own_is_tried_where_debians_may_not_be_installed(machine, capsys):
    machine.path, machine.apt = {}, False
    assert chromium.main() == 1
    assert machine.installed == ["playwright"]
    assert capsys.readouterr().err.strip() == chromium.MISSING


def test_a_missing_font_is_told_and_stops_nothing(machine, capsys):
    machine.font, machine.apt = False, False
    assert chromium.main() == 0
    assert capsys.readouterr().err.strip() == chromium.NO_FONT
