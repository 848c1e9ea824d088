"""The web server of the static site, as the demo starts it: what visitors get for each kind of address."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest

from cms.storefront.targets import FolderTarget, compress
from scripts.lib.processes import accepts_connections, free_port
from scripts.lib.servers import start_site_server


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The demo's data is below a folder with a dot, which must not hide the site itself.
    folder = tmp_path_factory.mktemp("site-server") / ".local" / "demo"
    target = FolderTarget(folder / "site")
    for path in ("/", "/catalog", "/cars/x", "/о-нас", "/404", "/410", "/preview"):
        target.put(path, compress(f"<p>page {path}</p>".encode() * 50))
    target.remove("/cars/gone", gone=True)
    (folder / "site/_nuxt").mkdir()
    (folder / "site/_nuxt/entry.abc.js").write_text("let a = 1;" * 100)
    (folder / "site/.built-from").write_text("secret")
    (folder / "media/images").mkdir(parents=True)
    (folder / "media/images/a.jpg").write_bytes(b"jpeg")
    (folder / "media/.probe").write_text("secret")
    return folder


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[httpx.Client]:
    port = free_port()
    process = start_site_server(data, port, free_port(), "http://cms.test:8000", data / "log", os.environ)
    try:
        process.wait_until(lambda: accepts_connections(port), 20)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
    finally:
        process.stop()


@pytest.mark.parametrize("path", ["/", "/catalog", "/cars/x", "/о-нас", "/cars/x?utm_source=a"])
def test_page_is_served_and_always_asked_about(site: httpx.Client, path: str) -> None:
    response = site.get(path)

    assert response.status_code == 200
    assert f"page {path.split('?', maxsplit=1)[0]}<" in response.text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in response.headers


def test_unchanged_page_is_not_sent_again(site: httpx.Client) -> None:
    etag = site.get("/cars/x").headers["ETag"]

    assert site.get("/cars/x", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(("encoding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_ready_compressed_form_is_sent(data: Path, site: httpx.Client, encoding: str, decode: object) -> None:
    with site.stream("GET", "/cars/x", headers={"Accept-Encoding": encoding}) as response:
        body = b"".join(response.iter_raw())

    suffix = {"br": "br", "gzip": "gz"}[encoding]
    assert response.headers["Content-Encoding"] == encoding
    assert body == (data / f"site/cars/x/index.html.{suffix}").read_bytes()


def test_withdrawn_car_answers_410_with_its_page(site: httpx.Client) -> None:
    response = site.get("/cars/gone")

    assert response.status_code == 410
    assert "page /410" in response.text
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/nowhere", "/cars", "/cars/x/y", "/_nuxt/none.js", "/media/none.jpg"])
def test_missing_page_answers_404_with_its_page(site: httpx.Client, path: str) -> None:
    response = site.get(path)

    assert response.status_code == 404
    assert "page /404" in response.text
    assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/.built-from", "/cars/gone/.gone", "/media/.probe", "/.git/config", "/%2ebuilt-from", "/../Caddyfile"]
)
def test_hidden_files_are_not_there(site: httpx.Client, path: str) -> None:
    response = site.get(path)

    assert response.status_code in (404, 410)
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("path", "to"), [("/cars/x/", "/cars/x"), ("/cars/x//", "/cars/x"), ("/catalog/?make=bmw", "/catalog?make=bmw")]
)
def test_slash_at_the_end_leads_to_the_one_form(site: httpx.Client, path: str, to: str) -> None:
    response = site.get(path)

    assert (response.status_code, response.headers["Location"]) == (308, to)


@pytest.mark.parametrize("path", ["//evil.example/", "/%5Cevil.example/", "///evil.example//"])
def test_odd_address_does_not_lead_to_another_site(site: httpx.Client, path: str) -> None:
    response = httpx.Client(trust_env=False).get(httpx.URL(site.base_url, raw_path=path.encode()))

    assert "evil" not in response.headers.get("Location", "").removeprefix("/evil.example")


def test_assets_and_pictures_are_kept_for_good(site: httpx.Client) -> None:
    for path in ("/_nuxt/entry.abc.js", "/media/images/a.jpg"):
        response = site.get(path)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_uploaded_file_cannot_run_as_a_page_of_ours(site: httpx.Client) -> None:
    assert site.get("/media/images/a.jpg").headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_preview_may_be_framed_by_the_cms_only_and_is_never_kept(site: httpx.Client) -> None:
    headers = site.get("/preview?token=abc").headers

    assert headers["Content-Security-Policy"] == "frame-ancestors 'self' http://cms.test:8000"
    assert "X-Frame-Options" not in headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"


def test_api_goes_to_the_cms(site: httpx.Client) -> None:
    """Nothing listens there in this test: the proxy says so, and no file of the site is tried."""
    assert site.get("/api/v1/listings").status_code == 502
