"""Where things are in a checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
SETUP_LOG = LOCAL / "setup.log"
SITE_SOURCE = ROOT / "nuxt-site"
RENDERER = SITE_SOURCE / ".output" / "server" / "index.mjs"
