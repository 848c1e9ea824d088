"""The API's description is a reviewed snapshot: whoever changes the contract sees it in the diff."""

import json

from cms.api import api
from scripts.lib.paths import ROOT

SNAPSHOT = ROOT / "docs" / "openapi.json"
UPDATE = "python manage.py export_openapi_schema --api cms.api.api --indent 1 --output docs/openapi.json"


def test_the_contract_is_the_reviewed_one() -> None:
    now = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    reviewed = json.loads(SNAPSHOT.read_text(encoding="utf-8"))

    assert now == reviewed, f"The API's contract has changed. If that is wanted: {UPDATE}"


def test_it_is_openapi_3_1_with_every_documented_address() -> None:
    reviewed = json.loads(SNAPSHOT.read_text(encoding="utf-8"))

    assert reviewed["openapi"].startswith("3.1")
    assert set(reviewed["paths"]) >= {
        f"/api/v1/{name}"
        for name in (
            "listings",
            "listings/{key}",
            "reference",
            "pages",
            "site",
            "redirects",
            "routes",
            "preview",
            "leads",
        )
    }
