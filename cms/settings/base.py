"""Settings common to every deployment. What differs comes from the environment (env.py)."""

import sys
from typing import Any

import dj_database_url
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from cms.ops.logging import logging_config

from .env import BASE_DIR, Environment

try:
    ENV = Environment()
except ValidationError as error:
    problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors())
    sys.exit(f"Environment is not usable: {problems}. See docs/operations.md.")

# --- Core -----------------------------------------------------------------------------------------
SECRET_KEY = ENV.SECRET_KEY
DEBUG = False
DEMO = ENV.DEMO
ALLOWED_HOSTS = ENV.ALLOWED_HOSTS
ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"

INSTALLED_APPS = [
    "cms.users",
    "cms.images",
    "listings",
    "cms.pages",
    "cms.preview",
    "blog",
    "leads",
    "cms.storefront",
    "cms.ops",
    "cms.demo",
    "integrations.credentials",
    "integrations.publications",
    "integrations.feeds",
    "integrations.monitoring",
    "integrations.reports",
    "integrations.demo",
    "wagtail_headless_preview",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    # Serves the API documentation's own scripts instead of a CDN's.
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "cms.ops.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "listings.changes.WayMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "listings.admin.closed_views.RowBlindViewsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# A thousand cars with their texts in one request of the API.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2

# --- Data -----------------------------------------------------------------------------------------
DATA_DIR = ENV.DATA_DIR
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
SITE_ROOT = DATA_DIR / "site"
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        ENV.DATABASE_URL or f"sqlite:///{DATA_DIR / 'db.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Several processes write: WAL lets readers go on, an immediate start of each transaction makes a
    # second writer wait its turn instead of failing in the middle.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

CACHES = {
    # In memory, because the admin and publishing must work while Redis is away.
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # For what all processes must count together, such as rate limits.
    "shared": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENV.REDIS_URL},
    # Renditions stand in the database and in published documents; a third copy would only go stale.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Where the parts are --------------------------------------------------------------------------
CMS_URL = ENV.CMS_URL.rstrip("/")
SITE_URL = ENV.SITE_URL.rstrip("/")
RENDERER_URL = ENV.RENDERER_URL.rstrip("/")
NBRB_URL = ENV.NBRB_URL.rstrip("/")
SANDBOX_URL = ENV.SANDBOX_URL.rstrip("/")
CREDENTIALS_KEYS = ENV.CREDENTIALS_KEYS
CREDENTIALS_STORE = ENV.CREDENTIALS_STORE
# Also of the stores that are not set: `move_credentials` needs both.
CREDENTIALS_STORES = {"vault": ENV.starting_with("VAULT_"), "aws": ENV.starting_with("AWS_SECRETS_")}
CSRF_TRUSTED_ORIGINS = [CMS_URL]

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("ru", "Русский"), ("en", "English")]
USE_I18N = True
USE_TZ = True
# Texts of packages that are no apps themselves, or hold several.
LOCALE_PATHS = [BASE_DIR / "cms" / "locale", BASE_DIR / "integrations" / "locale"]
TIME_ZONE = "Europe/Minsk"

# --- Static files and pictures --------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WAGTAILIMAGES_IMAGE_MODEL = "images.CustomImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.images.forms.ImageUploadForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "heic", "heif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 25 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_AVIF_QUALITY = 60
WAGTAILIMAGES_WEBP_QUALITY = 78
WAGTAILIMAGES_JPEG_QUALITY = 80

# --- Wagtail --------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Avtofamily"
WAGTAILADMIN_BASE_URL = CMS_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_HEADLESS_PREVIEW = {
    "CLIENT_URLS": {"default": f"{SITE_URL}/preview"},
    "SERVE_BASE_URL": SITE_URL,
    "ENFORCE_TRAILING_SLASH": False,
}

# --- Tasks ----------------------------------------------------------------------------------------
# A message only says "look now"; what has to be done stands in the database.
CELERY_BROKER_URL = ENV.REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Publishing must not hang when the broker is away: the sweeps pick the work up.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 600,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0.2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "default"
# One queue per kind of work, so that a slow one never holds up another.
CELERY_TASK_ROUTES = {
    "images.*": {"queue": "renditions"},
    "storefront.*": {"queue": "storefront"},
    "publications.*": {"queue": "publications"},
    "monitoring.*": {"queue": "monitoring"},
    "imports.*": {"queue": "imports"},
}
CELERY_BEAT_SCHEDULE = {
    "publish-scheduled": {"task": "ops.publish_scheduled", "schedule": 60},
    "sweep-renditions": {"task": "images.sweep_renditions", "schedule": 30},
    "purge-renditions": {"task": "images.purge_renditions", "schedule": crontab(hour=3, minute=40)},
    "sweep-storefront": {"task": "storefront.sweep", "schedule": 5, "options": {"expires": 5}},
    "sweep-publications": {"task": "publications.sweep_publications", "schedule": 5, "options": {"expires": 10}},
    "renew-posts": {"task": "publications.renew_old_posts", "schedule": 600},
    "prune-attempts": {"task": "publications.prune_attempts", "schedule": crontab(hour=4, minute=5)},
    # Until the day's rates are there; then it asks no more.
    "fetch-rates": {"task": "listings.fetch_rates", "schedule": crontab(minute=5)},
    "refresh-credentials": {"task": "credentials.refresh", "schedule": crontab(minute=25)},
    "prune-credentials": {"task": "credentials.prune", "schedule": crontab(hour=3, minute=50)},
    "sweep-webhooks": {"task": "monitoring.sweep_webhooks", "schedule": 30, "options": {"expires": 30}},
    "watch-platforms": {"task": "monitoring.watch", "schedule": 60, "options": {"expires": 60}},
    "raise-alerts": {"task": "monitoring.raise_alerts", "schedule": 60, "options": {"expires": 60}},
    "sweep-feed-states": {"task": "monitoring.sweep_feed_states", "schedule": 900, "options": {"expires": 600}},
    "prune-feed-pulls": {"task": "monitoring.prune_feed_pulls", "schedule": crontab(hour=3, minute=35)},
    "prune-monitoring": {"task": "monitoring.prune", "schedule": crontab(hour=3, minute=30)},
    "send-reports": {"task": "reports.send_due", "schedule": 60, "options": {"expires": 60}},
    "sweep-imports": {"task": "imports.sweep", "schedule": 30, "options": {"expires": 30}},
    "sweep-photos": {"task": "imports.sweep_photos", "schedule": 15, "options": {"expires": 15}},
    "pull-feeds": {"task": "imports.pull_feeds", "schedule": 60, "options": {"expires": 60}},
    "prune-imports": {"task": "imports.prune", "schedule": crontab(hour=3, minute=20)},
    "sweep-notices": {"task": "leads.sweep_notices", "schedule": 60},
}

# --- Channels -------------------------------------------------------------------------------------
EDIT_DELAY, CALLS_PER_CHANNEL = ENV.EDIT_DELAY, ENV.CALLS_PER_CHANNEL
REQUEST_SECONDS, PUBLISHING_SECONDS = ENV.REQUEST_SECONDS, ENV.PUBLISHING_SECONDS

# --- Mail -----------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = ENV.DEFAULT_FROM_EMAIL
EMAIL_HOST, EMAIL_PORT = ENV.EMAIL_HOST, ENV.EMAIL_PORT
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENV.EMAIL_HOST_USER, ENV.EMAIL_HOST_PASSWORD
EMAIL_USE_TLS = ENV.EMAIL_USE_TLS
EMAIL_TIMEOUT = 15
if ENV.EMAIL_FILE_PATH:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ENV.EMAIL_FILE_PATH

# --- Security -------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LOGGING = logging_config(ENV.LOG_LEVEL, ENV.LOG_STYLE)
