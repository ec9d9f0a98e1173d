"""`make run` loads the sample catalogue into a new database, and never again over somebody's data."""

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

from cms.management.commands import get_ready


@pytest.fixture
def run(settings, tmp_path, monkeypatch, db):
    """Runs the command and tells which others it called; one named in `fail` is interrupted."""
    settings.DEBUG = True
    settings.ROOT_URLCONF = "tests.cms.test_mailbox"
    settings.DATA_DIR = tmp_path
    settings.EMAIL_FILE_PATH = tmp_path / "mail"

    def run(*, new_database, fail=None):
        called = []

        def record(name, **options):
            called.append(name)
            if name == fail:
                raise KeyboardInterrupt

        monkeypatch.setattr(get_ready, "call_command", record)
        applied = {} if new_database else {("wagtailcore", "0001_initial"): None}
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: applied)
        try:
            call_command("get_ready")
        except KeyboardInterrupt:
            called.append("interrupted")
        return called

    return run


def test_a_new_database_gets_the_samples(run):
    assert run(new_database=True) == ["migrate", "load_sample_catalogue", "sample_logins"]


def test_a_database_in_use_does_not(run):
    run(new_database=True)
    assert run(new_database=False) == ["migrate", "sample_logins"]


def test_a_database_that_somebody_else_made_does_not(run):
    assert run(new_database=False) == ["migrate", "sample_logins"]


@pytest.mark.parametrize("step", ["migrate", "load_sample_catalogue"])
def test_loading_that_was_interrupted_is_taken_up_again(run, step):
    assert run(new_database=True, fail=step)[-1] == "interrupted"
    assert run(new_database=False) == ["migrate", "load_sample_catalogue", "sample_logins"]
    assert run(new_database=False) == ["migrate", "sample_logins"]


def test_it_says_where_the_site_is_and_where_mail_goes(run, capsys, settings):
    settings.WAGTAILADMIN_BASE_URL = "http://127.0.0.1:8123"
    run(new_database=False)
    printed = capsys.readouterr().out
    assert "http://127.0.0.1:8123/admin/" in printed
    assert "http://127.0.0.1:8123/dev/mail/" in printed
    assert str(settings.EMAIL_FILE_PATH) in printed
