"""A first look: no server beside this process, mail into a folder, every page debuggable."""

from .base import *  # noqa: F403
from .base import DATA_DIR, STORAGES, env
from .environment import development_secret_key

DEBUG = True
SECRET_KEY = env("SECRET_KEY") or development_secret_key()
ALLOWED_HOSTS = env("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
WAGTAILADMIN_BASE_URL = env("SITE_URL") or "http://127.0.0.1:8000"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
