"""The product's settings, and beside its API what it is compared with."""

from cms.settings.test import *  # noqa: F403
from cms.settings.test import INSTALLED_APPS

INSTALLED_APPS = ["scripts.lib.bench.apps.BenchConfig", *INSTALLED_APPS, "wagtail.api.v3"]
# A page of ours has 24 cars.
WAGTAILAPI_LIMIT_MAX = 24
ROOT_URLCONF = "scripts.lib.bench.urls"
