"""The city's server: every secret from the environment, HTTPS only."""

from .base import *  # noqa: F403
from .base import env
from .environment import environ

DEBUG = False
for required in ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL"):
    if not env(required):
        raise environ.ImproperlyConfigured(f"Set {required}: see docs/settings.md")
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
mail_server = env.email_url_config(env("EMAIL_URL"))
MAIL_DELIVERY_BACKEND = mail_server.pop("EMAIL_BACKEND")
vars().update(mail_server)

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = env("SECURE_HSTS_SECONDS")
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
if env("SECURE_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
