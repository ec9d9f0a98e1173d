"""The tests: in-memory mail, fast passwords, uploads in a folder that the run throws away."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import CACHES, DATABASES, Q_CLUSTER, REDIS_URL, SQLITE_OPTIONS, STORAGES

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
WAGTAILADMIN_BASE_URL = "http://testserver"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# One folder for each process of the run, gone with the process.
TEST_DIR = Path(tempfile.mkdtemp(prefix="service-guides-test-"))
atexit.register(shutil.rmtree, TEST_DIR, ignore_errors=True)
MEDIA_ROOT = TEST_DIR / "media"
STATIC_ROOT = TEST_DIR / "static"
for folder in (MEDIA_ROOT, STATIC_ROOT):
    folder.mkdir()
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# A file, where Django's default is memory: the threads of a live server would share one connection
# to a database in memory, and one thread's transaction would take in the other's statements.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        **SQLITE_OPTIONS,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
    }

# Processes that run tests side by side (pytest-xdist names them gw0, gw1, …) each take a Redis
# database of their own: a cache cleared by one would be cleared under the other.
if REDIS_URL:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    CACHES["default"]["LOCATION"] = Q_CLUSTER["redis"] = f"{REDIS_URL.rstrip('/')}/{worker}"
