"""Chromium for the browser tests: the machine's own, or Debian's package."""

import os
import shutil

from .output import Failure, step
from .paths import SETUP_LOG
from .processes import run

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM_PATH") or next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> str:
    """The path of a Chromium; installs Debian's package where we may."""
    if found := find_chromium():
        return found
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        raise Failure("Chromium is missing. Install it (on Debian: apt-get install chromium) or set CHROMIUM_PATH.")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step("Installing Chromium"):
        run([apt, "update"], log=SETUP_LOG, env=env)
        run([apt, "install", "-y", "--no-install-recommends", "chromium"], log=SETUP_LOG, env=env)
    if found := find_chromium():
        return found
    raise Failure("Chromium was installed but is not found. Set CHROMIUM_PATH to it.")
