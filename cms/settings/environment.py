"""The one place where the environment is read.

Every variable the software understands is an attribute here, with its type and its default;
docs/settings.md explains each, and tests/cms/test_settings.py fails when one is missing there.
"""

import secrets
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]

VARIABLES = {
    "DATA_DIR": (str, str(BASE_DIR / "var")),
    "DATABASE_URL": (str, ""),
    "REDIS_URL": (str, ""),
    "SECRET_KEY": (str, ""),
    "ALLOWED_HOSTS": (list, []),
    "SITE_URL": (str, ""),
    "SITE_NAME": (str, "鸡西市政务服务事项办事指南"),
    "EMAIL_URL": (str, ""),
    "DEFAULT_FROM_EMAIL": (str, "noreply@localhost"),
    "MAIL_RETRY_MINUTES": ([int], [1, 2, 5, 10, 20, 40, 60]),
    "ALERTS_KEEP_DAYS": (int, 400),
    "SENDFILE_BACKEND": (str, ""),
    "SECURE_HSTS_SECONDS": (int, 31536000),
    "SECURE_PROXY": (bool, False),
    "WORKER_PROCESSES": (int, 1),
}

env = environ.Env(**VARIABLES)


def data_dir() -> Path:
    """Where everything that is not code lives: database, uploads, mail of development."""
    path = Path(env("DATA_DIR"))
    path.mkdir(parents=True, exist_ok=True)
    return path


def development_secret_key() -> str:
    """The key of this working copy, made on first use and kept in an untracked file."""
    path = data_dir() / "secret_key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text().strip()
