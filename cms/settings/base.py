"""What development, production and the tests have in common."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from .environment import BASE_DIR, data_dir, env

DATA_DIR = data_dir()
SITE_NAME = env("SITE_NAME")

INSTALLED_APPS = [
    "cms",
    "search.apps.SearchConfig",
    "reviewflow.apps.ReviewFlowConfig",
    "servicepages.apps.ServicePagesConfig",
    "servicepages.apps.UsersConfig",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.contrib.search_promotions",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtail_modeladmin",
    "modelcluster",
    "taggit",
    "rest_framework",
    "django_filters",
    "django_q",
    # Only for the filters of wagtail-modeladmin's lists; it has no address of its own.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cms.content_security_policy.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "servicepages.admin_gate.AdminGate",
    "reviewflow.refusals.RefusalsInSentences",
    "reviewflow.one_transaction.SubmissionsInOneTransaction",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
AUTH_USER_MODEL = "servicepages.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "reviewflow.staff_access.PostHolders",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.context.site",
            ],
        },
    },
]

# Database: SQLite for a first look and small offices, PostgreSQL by DATABASE_URL.
# The pragmas and IMMEDIATE let a web process and a worker write to one SQLite file: a reader never
# waits for a writer, and a transaction that will write takes its lock before it has read anything
# (a lock taken later cannot be waited for, whatever the timeout).
DATABASES = {"default": env.db_url_config(env("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Background work. `retry` must exceed `timeout`, or a slow job is started twice.
Q_CLUSTER = {
    "name": "service-guides",
    "workers": env("WORKER_PROCESSES"),
    "timeout": 600,
    "retry": 720,
    "max_attempts": 5,
    "catch_up": False,
    "poll": 1,
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [
    ("zh-hans", _("Simplified Chinese")),
    ("zh-hant", _("Traditional Chinese")),
    ("en", _("English")),
]
LOCALE_PATHS = [BASE_DIR / "cms" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
# China writes 2018年6月15日, and so do the guides in every language of the admin.
FORMAT_MODULE_PATH = ["cms.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# Nothing under MEDIA_ROOT is served by the web server by itself: every file goes through
# servicepages.files, which asks whether a live guide shows it.
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o640

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL")
# Every mail is written down first, Django's and Wagtail's too; the worker sends with MAIL_DELIVERY_BACKEND.
EMAIL_BACKEND = "reviewflow.mail_backend.OwedMailBackend"
# For each answer of the mail server, in seconds. reviewflow.mailing.LEASE has to outlast a conversation.
EMAIL_TIMEOUT = 20
MAIL_RETRY_MINUTES = env("MAIL_RETRY_MINUTES")
if not MAIL_RETRY_MINUTES or min(MAIL_RETRY_MINUTES) < 1:
    raise ImproperlyConfigured("Set MAIL_RETRY_MINUTES to numbers from 1: see docs/settings.md")
ALERTS_KEEP_DAYS = env("ALERTS_KEEP_DAYS")
if ALERTS_KEEP_DAYS < 1:
    raise ImproperlyConfigured("Set ALERTS_KEEP_DAYS to a number from 1: see docs/settings.md")

WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = env("SITE_URL")
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
# Nothing of an office's desk goes to addresses abroad: no avatars, no release notes.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_AUTOSAVE_INTERVAL = 5000
WAGTAIL_AUTO_UPDATE_PREVIEW_INTERVAL = 3000
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILIMAGES_IMAGE_MODEL = "servicepages.Picture"
WAGTAILDOCS_DOCUMENT_MODEL = "servicepages.Attachment"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "servicepages.file_forms.AttachmentForm"
WAGTAILIMAGES_IMAGE_FORM_BASE = "servicepages.file_forms.PictureForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["doc", "docx", "xls", "xlsx", "pdf", "jpg", "jpeg", "png"]
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
# A version that is published while a newer one is in review (a schedule, a filing, a roll-back) does not end
# that review: only its department does.
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "reviewflow.publication.publish_approved"
WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT = 1
SENDFILE_BACKEND = env("SENDFILE_BACKEND") or "wagtail.utils.sendfile_streaming_backend"
# What a backend that leaves the sending to nginx goes by (docs/settings.md).
SENDFILE_ROOT = MEDIA_ROOT
SENDFILE_URL = "/protected-media"

WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.backends.database"}}
MODELSEARCH_BACKENDS = WAGTAILSEARCH_BACKENDS

# Named as in Django 6, whose own middleware takes our small one's place when we get there.
SECURE_CSP = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
}
