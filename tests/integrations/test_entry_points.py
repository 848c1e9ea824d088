"""Somebody else's package adds a platform without touching this repository."""

import os
import subprocess
import sys
from pathlib import Path

from scripts.lib.paths import ROOT

ADAPTER = """
from integrations.marketplaces.registry import register
from integrations.marketplaces.telegram import TelegramAdapter


@register("acme")
class Acme(TelegramAdapter):
    label = "Acme"
"""
PROGRAM = """
import django
django.setup()
from integrations.marketplaces.registry import all_adapters
print(all_adapters()["acme"].label)
"""


def test_an_installed_package_brings_its_adapter_by_entry_point(tmp_path: Path) -> None:
    (tmp_path / "acme_adapter.py").write_text(ADAPTER)
    metadata = tmp_path / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[avtofamily.marketplaces]\nacme = acme_adapter\n")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}", "DJANGO_SETTINGS_MODULE": "cms.settings.test"}

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.returncode) == ("Acme", 0), done.stderr
