"""What the environment may set is written down, and the production settings hold what they promise."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from cms.settings.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "guides.example.org",
    "SITE_URL": "https://guides.example.org",
    "EMAIL_URL": "smtp://mail.example.org:25",
}


@pytest.fixture
def manage(tmp_path):
    """Runs manage.py with the production settings and nothing else of ours in the environment."""

    def manage(*arguments, **variables):
        # the browser tests of this process allow themselves what Django forbids a server
        left_out = {*VARIABLES, "DJANGO_ALLOW_ASYNC_UNSAFE"}
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "DATA_DIR": str(tmp_path),
            **variables,
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return manage


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_is_explained(name):
    headings = re.findall(r"^### `([A-Z_]+)`$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    assert name in headings


def test_no_variable_is_explained_that_does_not_exist():
    headings = re.findall(r"^### `([A-Z_]+)`$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    assert set(headings) == set(VARIABLES)


def test_the_environment_is_read_in_one_place():
    """A variable that another module read for itself would be missing in docs/settings.md."""
    reads = re.compile(r"\bos\.(environ|getenv)\b|\benviron\.Env\(")
    readers = {
        str(path.relative_to(ROOT))
        for room in ("cms", "search", "reviewflow", "servicepages")
        for path in (ROOT / room).rglob("*.py")
        if reads.search(path.read_text())
    }
    assert readers == {
        "cms/settings/environment.py",
        "cms/settings/test.py",  # pytest-xdist's own variable
        "cms/wsgi.py",  # DJANGO_SETTINGS_MODULE
    }


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_refuses_to_start_without(manage, missing):
    done = manage("check", **{**PRODUCTION, missing: ""})
    assert done.returncode != 0
    assert missing in done.stderr.splitlines()[-1]


def test_production_passes_djangos_own_deployment_check(manage):
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "WARNINGS" not in done.stderr


@pytest.mark.parametrize(
    ("of", "delivery"),
    [
        ("production", "django.core.mail.backends.smtp.EmailBackend"),
        ("dev", "django.core.mail.backends.filebased.EmailBackend"),
    ],
)
def test_every_mail_is_written_down_and_only_the_worker_delivers(manage, of, delivery):
    """So no page that Django or Wagtail sends a mail from waits for a mail server."""
    said = "from django.conf import settings; print(settings.EMAIL_BACKEND, settings.MAIL_DELIVERY_BACKEND)"
    done = manage("shell", "-v0", "-c", said, **PRODUCTION, DJANGO_SETTINGS_MODULE=f"cms.settings.{of}")
    assert done.stdout.split() == ["reviewflow.mail_backend.OwedMailBackend", delivery], done.stderr


@pytest.mark.parametrize(("name", "value"), [("ALERTS_KEEP_DAYS", "0"), ("MAIL_RETRY_MINUTES", "0,5")])
def test_a_number_that_would_lose_messages_is_refused(manage, name, value):
    done = manage("check", **PRODUCTION, **{name: value})
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


def test_get_ready_refuses_a_citys_server(manage):
    """It would load invented people with known passwords."""
    done = manage("get_ready", **PRODUCTION)
    assert done.returncode != 0
    assert "DEBUG" in done.stderr


def test_the_key_of_a_working_copy_is_made_once_and_kept_to_its_owner(monkeypatch, tmp_path):
    from cms.settings import environment

    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    key = environment.development_secret_key()
    assert len(key) >= 50
    assert environment.development_secret_key() == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_accounted_for(name):
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    packages = {
        re.split(r"[\[<>=~!; ]", line)[0].lower()
        for line in lines
        if line.strip() and not line.startswith(("#", "-"))
    }
    listed = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    assert packages <= {package.lower() for package in listed}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_pinned_with_hashes_and_says_nothing_of_where_it_came_from(name):
    text = (ROOT / f"{name}.txt").read_text()
    pins = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^\]]+\])?==\S+.*$", text, re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins)
    assert not re.search(r"https?://|--index-url|--find-links|file:", text)
