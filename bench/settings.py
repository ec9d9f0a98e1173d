"""The benchmarks' site: production's way of serving, without its secrets and its HTTPS."""

from cms.settings.base import *  # noqa: F403

DEBUG = False
SECRET_KEY = "only-for-benchmarks"
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ROOT_URLCONF = "bench.urls"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A benchmark makes hundreds of people, and none of them logs in with the password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
