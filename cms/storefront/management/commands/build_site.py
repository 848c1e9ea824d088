"""Builds the whole site: assets, every page, and away with what is no page any more."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.storefront.models import DirtyRoute, PublishedRoute
from cms.storefront.publisher import mark_all_routes, publish_batch
from cms.storefront.routes import FIXED_ROUTES
from cms.storefront.targets import site_target

# Addresses of a large catalogue are streamed; the first may take a moment.
ROUTES_TIMEOUT = httpx.Timeout(60, connect=5)

PROGRESS_SECONDS = 2

# Pages taken at once. More than a worker takes, because here nobody waits for a click in between.
BUILD_BATCH = 120

# Written when a build is complete: `--if-needed` compares it with the renderer's assets.
STAMP = ".built-from"


class Command(BaseCommand):
    help = "Renders the whole site into SITE_ROOT. Can be stopped and run again at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--assets", type=Path, default=settings.BASE_DIR / "nuxt-site/.output/public")
        parser.add_argument("--if-needed", action="store_true", help="only if the renderer has changed")

    def handle(self, *args: Any, assets: Path, if_needed: bool, **options: Any) -> None:
        if not assets.is_dir():
            raise CommandError("The renderer is not built. Run `npm run build` in nuxt-site.")
        target = site_target()
        target.root.mkdir(parents=True, exist_ok=True)
        version = assets_version(assets)
        stamp = target.root / STAMP
        if if_needed and stamp.is_file() and stamp.read_text() == version and PublishedRoute.objects.exists():
            self.stdout.write("The site is built from this renderer already.")
            return
        self.stdout.write(f"{target.copy_assets(assets)} asset files copied")
        target.remove_abandoned()
        started = time.monotonic()
        total = mark_all_routes([*api_routes(), *FIXED_ROUTES])
        self._drain(total, started)
        stamp.write_text(version)

    def _drain(self, total: int, started: float) -> None:
        """Works on the queue beside any running worker, until nothing is left but failures."""
        told = started
        while True:
            result = publish_batch(BUILD_BATCH)
            left = DirtyRoute.objects.filter(tries=0).count() if time.monotonic() - told > PROGRESS_SECONDS else None
            if left is not None:
                told = time.monotonic()
                self.stdout.write(f"  {max(total - left, 0)} of {total} pages")
                self.stdout.flush()
            if not result.claimed:
                if not DirtyRoute.objects.filter(tries=0).exists():
                    break
                time.sleep(0.2)  # the last pages are in another worker's hands
            elif not result.worth_going_on and DirtyRoute.objects.filter(tries=0).count() == total:
                break  # nothing works at all: say so now
        self._report(total, time.monotonic() - started)

    def _report(self, total: int, seconds: float) -> None:
        failed = DirtyRoute.objects.filter(tries__gt=0)
        if first := failed.order_by("marked_at").first():
            raise CommandError(
                f"{failed.count()} of {total} pages could not be made; they are tried again by themselves. "
                f"First: {first.path}: {first.error}"
            )
        self.stdout.write(f"{total} pages in {seconds:.1f} s, {total / max(seconds, 0.001):.0f} a second")


def assets_version(assets: Path) -> str:
    """Names of the built files: they carry hashes of their content."""
    return "\n".join(sorted(file.relative_to(assets).as_posix() for file in assets.rglob("*") if file.is_file()))


def api_routes() -> Iterator[str]:
    """Every address of the site, as the API lists them."""
    try:
        with httpx.Client(timeout=ROUTES_TIMEOUT, trust_env=False) as http:
            response = http.get(f"{settings.CMS_URL}/api/v1/routes").raise_for_status()
            yield from response.json()["items"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise CommandError(f"The CMS does not list its addresses: {error}") from error
