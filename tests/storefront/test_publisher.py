import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from cms.storefront.models import DirtyRoute, Priority, PublishedRoute, RouteState
from cms.storefront.publisher import mark_all_routes, publish_all, publish_batch
from cms.storefront.queue import LEASE, claim, mark_dirty, mark_whole_site
from cms.storefront.targets import FolderTarget

from .conftest import FakeRenderer, page

pytestmark = pytest.mark.django_db(transaction=True)


def read(target: FolderTarget, path: str) -> str:
    return target.file_for(path).read_text()


@pytest.mark.smoke
def test_marked_page_is_written_and_its_row_goes(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/cars/x"] = "one"
    mark_dirty(["/cars/x"])

    publish_batch()

    assert read(target, "/cars/x") == page("/cars/x", "one")
    assert not DirtyRoute.objects.exists()
    route = PublishedRoute.objects.get()
    assert (route.path, route.state) == ("/cars/x", RouteState.LIVE)


def test_cyrillic_page_is_written(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/о-компании"] = "мы"
    mark_dirty(["/%D0%BE-компании/"])

    publish_batch()

    assert read(target, "/о-компании") == page("/о-компании", "мы")


def test_mark_of_a_rolled_back_change_is_not_seen(renderer: FakeRenderer, target: FolderTarget) -> None:
    with transaction.atomic():
        mark_dirty(["/cars/x"])
        transaction.set_rollback(True)

    assert not DirtyRoute.objects.exists()


def test_withdrawn_page_answers_gone(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/cars/x"] = "one"
    mark_dirty(["/cars/x"])
    publish_batch()
    live_since = PublishedRoute.objects.get().since

    renderer.statuses["/cars/x"] = 410
    mark_dirty(["/cars/x"])
    publish_batch()

    assert not target.has("/cars/x")
    assert (target.root / "cars/x/.gone").exists()
    route = PublishedRoute.objects.get()
    assert route.state == RouteState.GONE
    assert route.since > live_since


def test_page_marked_again_while_it_is_rendered_is_rendered_again(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/cars/x"] = "old"

    def change(path: str) -> None:
        renderer.before = lambda path: None
        renderer.pages["/cars/x"] = "new"
        _in_thread(lambda: mark_dirty(["/cars/x"]))

    renderer.before = change
    mark_dirty(["/cars/x"])

    first = publish_batch()
    assert (first.superseded, target.has("/cars/x")) == (1, False)
    assert publish_all(10)

    assert read(target, "/cars/x") == page("/cars/x", "new")
    assert renderer.asked == ["/cars/x", "/cars/x"]


def test_withdrawal_wins_over_a_late_rendering(renderer: FakeRenderer, target: FolderTarget) -> None:
    """The slow worker has the live page in hand while another has already taken the car off the site."""
    renderer.pages["/cars/x"] = "live"

    def withdraw(path: str) -> None:
        renderer.before = lambda path: None
        renderer.statuses["/cars/x"] = 410

        def other_worker() -> None:
            mark_dirty(["/cars/x"])
            publish_batch()

        _in_thread(other_worker)
        # This request was answered from the older version.
        del renderer.statuses["/cars/x"]

    renderer.before = withdraw
    mark_dirty(["/cars/x"])

    result = publish_batch()

    assert result.superseded == 1
    assert not target.has("/cars/x")
    assert PublishedRoute.objects.get().state == RouteState.GONE
    assert not DirtyRoute.objects.exists()


def test_failed_page_stays_in_the_queue_and_waits_longer_each_time(
    renderer: FakeRenderer, target: FolderTarget
) -> None:
    renderer.statuses["/cars/x"] = 500
    mark_dirty(["/cars/x"])

    publish_batch()
    row = DirtyRoute.objects.get()
    assert (row.tries, row.error, row.lease_holder) == (1, "renderer answered 500", "")
    assert 1 < (row.next_attempt_at - timezone.now()).total_seconds() <= 2
    assert publish_batch().claimed == 0

    DirtyRoute.objects.update(next_attempt_at=timezone.now())
    publish_batch()
    row.refresh_from_db()
    assert row.tries == 2
    assert 3 < (row.next_attempt_at - timezone.now()).total_seconds() <= 4


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("/cars/x", "<html>an error page with 200</html>", "page without its marker"),
        ("/cars/x", page("/cars/y"), "page without its marker"),
        ("/cars/x", "", "page without its marker"),
        ("/cars/x", page("/cars/x", "x" * 6_000_000), "too large"),
    ],
)
def test_page_that_is_not_the_asked_one_is_not_published(
    renderer: FakeRenderer, target: FolderTarget, path: str, body: str, error: str
) -> None:
    target.put(path, {"": b"the good old page"})
    renderer.bodies[path] = body
    mark_dirty([path])

    publish_batch()

    assert read(target, path) == "the good old page"
    assert error in DirtyRoute.objects.get().error


@pytest.mark.parametrize("path", ["/", "/catalog"])
def test_broken_renderer_does_not_delete_the_main_pages(
    renderer: FakeRenderer, target: FolderTarget, path: str
) -> None:
    target.put(path, {"": b"home"})
    mark_dirty([path])

    publish_batch()

    assert read(target, path) == "home"
    assert DirtyRoute.objects.get().error == "renderer answered 404"


def test_renderer_that_is_away_stops_the_run_and_loses_nothing(settings: Settings, target: FolderTarget) -> None:
    settings.RENDERER_URL = "http://127.0.0.1:9"
    mark_dirty([f"/cars/{number}" for number in range(30)])

    assert publish_all(10)

    assert DirtyRoute.objects.count() == 30
    assert DirtyRoute.objects.filter(tries__gt=0).count() == 12


def test_error_pages_may_come_with_their_own_status(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.statuses["/404"], renderer.bodies["/404"] = 404, page("/404", "nothing here")
    renderer.pages["/410"] = "sold"
    mark_dirty(["/404", "/410"])

    publish_batch()

    assert (target.root / "404.html").read_text() == page("/404", "nothing here")
    assert (target.root / "410.html").read_text() == page("/410", "sold")


def test_redirect_becomes_a_page_that_sends_on(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.locations["/old"] = '/new?a="><script>'
    mark_dirty(["/old"])

    publish_batch()

    text = read(target, "/old")
    assert 'content="0; url=/new?a=&quot;&gt;&lt;script&gt;"' in text
    assert "<script>" not in text


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("javascript:alert(1)", "no good answer from the renderer (InvalidURL)"),
        ("//evil.example/x", "redirect to an odd address"),
        (" ", "redirect to an odd address"),
    ],
)
def test_redirect_to_an_odd_address_is_refused(
    renderer: FakeRenderer, target: FolderTarget, location: str, error: str
) -> None:
    renderer.locations["/old"] = location
    mark_dirty(["/old"])

    publish_batch()

    assert not target.has("/old")
    assert DirtyRoute.objects.get().error == error


def test_unchanged_page_is_not_written_again(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/a"] = "same"
    mark_dirty(["/a"])
    publish_batch()
    before = target.file_for("/a").stat()

    mark_dirty(["/a"])
    publish_batch()

    after = target.file_for("/a").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not DirtyRoute.objects.exists()


def test_lost_file_is_written_again_although_nothing_changed(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/a"] = "same"
    mark_dirty(["/a"])
    publish_batch()
    target.file_for("/a").unlink()

    mark_dirty(["/a"])
    publish_batch()

    assert target.has("/a")


def test_content_is_not_believed_after_a_write_that_did_not_finish(
    renderer: FakeRenderer, target: FolderTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Price 1 is out; the write of price 2 dies after the file; the price goes back to 1."""
    renderer.pages["/a"] = "price 1"
    mark_dirty(["/a"])
    publish_batch()
    renderer.pages["/a"] = "price 2"
    mark_dirty(["/a"])
    put = FolderTarget.put

    def put_and_die(self: FolderTarget, path: str, variants: dict[str, bytes]) -> None:
        put(self, path, variants)
        raise KeyboardInterrupt

    monkeypatch.setattr(FolderTarget, "put", put_and_die)
    with pytest.raises(KeyboardInterrupt):
        publish_batch()
    monkeypatch.undo()
    assert "price 2" in read(target, "/a")

    renderer.pages["/a"] = "price 1"
    mark_dirty(["/a"])
    publish_batch()

    assert "price 1" in read(target, "/a")


def test_dead_workers_rows_are_taken_when_their_lease_is_over(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/a"] = "x"
    mark_dirty(["/a"])
    claim("dead", 10)
    assert publish_batch().claimed == 0

    DirtyRoute.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert publish_batch().done == 1
    assert target.has("/a")


def test_worker_whose_lease_was_taken_over_writes_nothing(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/a"] = "late"

    def take_over(path: str) -> None:
        def other() -> None:
            DirtyRoute.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            claim("other", 10)

        _in_thread(other)

    renderer.before = take_over
    mark_dirty(["/a"])

    assert publish_batch().superseded == 1
    assert not target.has("/a")
    assert DirtyRoute.objects.get().lease_holder == "other"


def test_click_goes_before_bulk_work(renderer: FakeRenderer, target: FolderTarget) -> None:
    bulk = [f"/cars/{number}" for number in range(40)]
    renderer.pages |= dict.fromkeys([*bulk, "/cars/click"], "x")
    mark_dirty(bulk, Priority.BULK)
    mark_dirty(["/cars/click"])

    publish_batch(limit=4)

    assert "/cars/click" in renderer.asked
    assert len(renderer.asked) == 4


def test_bulk_mark_does_not_make_a_waiting_person_wait_longer() -> None:
    mark_dirty(["/a"], Priority.CLICK)
    mark_dirty(["/a"], Priority.BULK)
    mark_dirty(["/b"], Priority.BULK)
    mark_dirty(["/b"], Priority.CLICK)

    assert set(DirtyRoute.objects.values_list("path", "priority")) == {("/a", 0), ("/b", 0)}


def test_marking_costs_one_query_however_many_addresses(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        mark_dirty(["/a"])
    with transaction.atomic(), django_assert_num_queries(1):
        mark_dirty([f"/cars/{number}" for number in range(1000)])


def test_new_mark_takes_the_row_from_its_holder_and_forgets_old_failures() -> None:
    mark_dirty(["/a"])
    token = DirtyRoute.objects.get().token
    claim("someone", 1)
    DirtyRoute.objects.update(tries=5, error="x", next_attempt_at=timezone.now() + LEASE)

    mark_dirty(["/a"])

    row = DirtyRoute.objects.get()
    assert row.token != token
    assert (row.tries, row.error, row.lease_holder, row.lease_until) == (0, "", "", None)
    assert DirtyRoute.objects.due().exists()


def test_unsafe_address_does_not_stop_the_others() -> None:
    mark_dirty(["/../x", "/good", "/.gone"])

    assert list(DirtyRoute.objects.values_list("path", flat=True)) == ["/good"]


def test_change_of_the_whole_site_marks_every_live_page_in_bulk(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages |= {"/a": "x", "/b": "x"}
    renderer.statuses["/c"] = 410
    mark_dirty(["/a", "/b", "/c"])
    assert publish_all(10)

    mark_whole_site()
    assert DirtyRoute.objects.count() == 1
    publish_batch()

    assert set(DirtyRoute.objects.values_list("path", "priority")) == {("/a", 10), ("/b", 10)}


def test_full_build_takes_away_what_is_no_address_any_more(renderer: FakeRenderer, target: FolderTarget) -> None:
    renderer.pages["/new"] = "x"
    target.put("/left-over", {"": b"old"})

    assert mark_all_routes(["/new"]) == 2
    assert publish_all(10)

    assert list(target.paths()) == ["/new"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nobody else has the row")
def test_row_in_an_open_transaction_does_not_hold_up_the_others(renderer: FakeRenderer, target: FolderTarget) -> None:
    """A long import has marked the home page and has not committed yet."""
    renderer.pages |= {"/": "x", "/a": "x"}
    mark_dirty(["/", "/a"])
    marked, finish = threading.Event(), threading.Event()

    def long_import() -> None:
        with transaction.atomic():
            mark_dirty(["/"], Priority.BULK)
            marked.set()
            finish.wait(10)

    thread = threading.Thread(target=_closing, args=(long_import,))
    thread.start()
    assert marked.wait(5)
    try:
        assert publish_batch().done == 1
        assert target.has("/a")
    finally:
        finish.set()
        thread.join()
    assert publish_batch().done == 1
    assert target.has("/")


def test_many_workers_at_once_leave_the_last_version_of_everything(
    renderer: FakeRenderer, target: FolderTarget
) -> None:
    paths = [f"/cars/{number}" for number in range(12)]
    renderer.pages |= dict.fromkeys(paths, "0")
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            publish_batch(limit=3)

    workers = [threading.Thread(target=_closing, args=(work,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for version in range(1, 15):
        for path in paths:
            renderer.pages[path] = str(version)
        mark_dirty(paths)
    stop.set()
    for worker in workers:
        worker.join()
    DirtyRoute.objects.update(next_attempt_at=timezone.now(), lease_until=None)
    assert publish_all(20)

    assert {read(target, path) for path in paths} == {page(path, "14") for path in paths}
    assert not DirtyRoute.objects.exists()


def _in_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=_closing, args=(work,))
    thread.start()
    thread.join(10)


def _closing(work: Callable[[], None]) -> None:
    """A thread has a connection of its own; an open one keeps the test database from being dropped."""
    try:
        work()
    finally:
        connection.close()
