"""Photos of imports over real HTTP and out of real archives: bounded, tried again, put in as every change is."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from cms.images.models import CustomImage
from cms.users.models import User
from listings.admin.import_page import ImportPage
from listings.exchange import engine, jobs, photo_fetching, photos
from listings.exchange.errors import FileError
from listings.exchange.photo_fetching import fetch_photos
from listings.exchange.states import ImportState, PhotoState
from listings.lifecycle import PublicationState, publication_state, return_to_dealer
from listings.models import Dealer, Listing, ListingPhoto, PhotoDownload
from tests.factories import CarModelFactory, DealerFactory, ListingFactory, image, member, picture_bytes, staff
from tests.web import Pages

from .importing import car, loaded, run_now, table

pytestmark = pytest.mark.django_db
VIN = "WBAKS410500J12345"


@pytest.fixture(autouse=True)
def _own_folders(import_files: None) -> None:
    pass


@pytest.fixture
def dealer() -> Dealer:
    CarModelFactory()
    return DealerFactory()


@pytest.fixture
def user(dealer: Dealer) -> User:
    return member(dealer)


def jpeg(color: str = "red") -> bytes:
    return picture_bytes(color, (640, 480)).getvalue()


def fetch_all() -> None:
    for listing_id in photos.due_listings():
        fetch_photos(listing_id)


def states() -> list[tuple[str, str]]:
    return list(PhotoDownload.objects.order_by("position", "pk").values_list("state", "error"))


# --- By address -----------------------------------------------------------------------------------------------------


def test_photos_are_fetched_into_the_dealers_collection_in_their_order(dealer: Dealer, user: User, web: Pages) -> None:
    first, second = web.add("/1.jpg", jpeg("red")), web.add("/2.jpg", jpeg("blue"))
    job = loaded(dealer, user, car("A-1", Фото=f"{first} {second}"))
    assert jobs.progress(job)["photos"] == {"waiting": 2, "done": 0, "failed": 0}

    fetch_all()

    listing = Listing.objects.get()
    assert [photo.image.collection for photo in listing.photos.all()] == [dealer.collection] * 2
    assert [photo.image_id for photo in listing.photos.all()] == [
        item.image_id for item in PhotoDownload.objects.order_by("position")
    ]
    assert jobs.progress(job)["photos"] == {"waiting": 0, "done": 2, "failed": 0}


def test_the_same_file_again_fetches_nothing_and_changes_nothing(dealer: Dealer, user: User, web: Pages) -> None:
    row = car("A-1", Фото=web.add("/1.jpg", jpeg()))
    loaded(dealer, user, row)
    fetch_all()
    revisions = Listing.objects.get().revisions.count()

    job = loaded(dealer, user, row)
    fetch_all()

    assert job.counts == {"same": 1}
    assert (len(web.asked), CustomImage.objects.count()) == (1, 1)
    assert Listing.objects.get().revisions.count() == revisions


def test_a_photo_that_left_the_file_leaves_the_car_and_those_by_hand_stay(
    dealer: Dealer, user: User, web: Pages
) -> None:
    first, second, third = (web.add(f"/{n}.jpg", jpeg(c)) for n, c in enumerate(["red", "blue", "green"]))
    loaded(dealer, user, car("A-1", Фото=f"{first} {second}"))
    fetch_all()
    listing = Listing.objects.get()
    by_hand = image("white")
    listing.photos = [*listing.photos.all(), ListingPhoto(image=by_hand)]
    listing.save_revision(user=user)

    job = loaded(dealer, user, car("A-1", Фото=f"{third} {second}"))
    fetch_all()

    assert job.rows.get().changes == {"photos": [2, 2]}
    by_source = dict(PhotoDownload.objects.values_list("source", "image"))
    found = Listing.objects.get().get_latest_revision_as_object()
    assert [photo.image_id for photo in found.photos.all()] == [by_source[third], by_source[second], by_hand.pk]


def test_a_photo_that_was_removed_by_hand_does_not_come_back(dealer: Dealer, user: User, web: Pages) -> None:
    first, second = web.add("/1.jpg", jpeg("red")), web.add("/2.jpg", jpeg("blue"))
    loaded(dealer, user, car("A-1", Фото=first))
    fetch_all()
    listing = Listing.objects.get()
    listing.photos = []
    listing.save_revision(user=user)

    loaded(dealer, user, car("A-1", Фото=f"{first} {second}"))
    fetch_all()

    found = Listing.objects.get().get_latest_revision_as_object()
    assert [photo.image_id for photo in found.photos.all()] == [PhotoDownload.objects.get(source=second).image_id]


def test_photos_of_a_public_car_wait_for_the_moderator(dealer: Dealer, user: User, web: Pages) -> None:
    listing = ListingFactory(dealer=dealer, external_id="A-1", published=True)

    loaded(dealer, user, car("A-1", Фото=web.add("/1.jpg", jpeg())))
    fetch_all()

    listing.refresh_from_db()
    assert (listing.live, listing.photos.count(), listing.has_unpublished_changes) == (True, 0, True)
    assert listing.get_latest_revision_as_object().photos.count() == 1
    assert listing.current_workflow_state is not None


def test_photos_of_a_public_car_are_public_at_once_by_who_may_publish(dealer: Dealer, web: Pages) -> None:
    listing = ListingFactory(dealer=dealer, external_id="A-1", published=True)

    loaded(dealer, staff("moderator"), car("A-1", Фото=web.add("/1.jpg", jpeg())))
    fetch_all()

    listing.refresh_from_db()
    assert (listing.photos.count(), listing.has_unpublished_changes) == (1, False)


def test_a_new_car_is_submitted_when_its_photos_are_there(dealer: Dealer, user: User, web: Pages) -> None:
    loaded(dealer, user, car("A-1", Фото=web.add("/1.jpg", jpeg())), submit=True)
    listing = Listing.objects.get()
    assert publication_state(listing) == PublicationState.DRAFT

    fetch_all()

    assert publication_state(Listing.objects.get()) == PublicationState.IN_MODERATION


def test_a_car_that_was_returned_is_not_submitted_by_a_new_photo(dealer: Dealer, user: User, web: Pages) -> None:
    loaded(dealer, user, car("A-1", Фото=web.add("/1.jpg", jpeg())), submit=True)
    fetch_all()
    return_to_dealer(list(Listing.objects.all()), staff("moderator"), "Почистите салон.")

    loaded(dealer, user, car("A-1", Фото=web.add("/2.jpg", jpeg("blue"))), submit=True)
    fetch_all()

    assert publication_state(Listing.objects.get()) == PublicationState.DRAFT


def test_nobodys_photos_do_not_get_past_the_moderator(dealer: Dealer, user: User, web: Pages) -> None:
    listing = ListingFactory(dealer=dealer, external_id="A-1", published=True)
    loaded(dealer, user, car("A-1", Фото=web.add("/1.jpg", jpeg())))
    user.delete()

    fetch_all()

    listing.refresh_from_db()
    assert listing.photos.count() == 0
    assert states()[0][0] == PhotoState.FAILED


def test_a_server_in_trouble_is_asked_again_later(dealer: Dealer, user: User, web: Pages) -> None:
    loaded(dealer, user, car("A-1", Фото=web.add("/1.jpg", b"", status=503)))
    fetch_all()
    fetch_all()
    download = PhotoDownload.objects.get()
    assert (download.state, download.attempts, len(web.asked)) == (PhotoState.WAITING, 1, 1)
    assert download.next_attempt_at > timezone.now()

    web.add("/1.jpg", jpeg())
    PhotoDownload.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    fetch_all()

    assert (states(), Listing.objects.get().photos.count()) == ([(PhotoState.DONE, "")], 1)


def test_after_the_last_attempt_a_photo_has_failed(dealer: Dealer, user: User, web: Pages) -> None:
    loaded(dealer, user, car("A-1", Фото=web.add("/1.jpg", b"", status=503)))
    for _attempt in range(6):
        PhotoDownload.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
        fetch_all()

    assert len(web.asked) == 1 + len(photo_fetching.WAITS)
    assert states()[0][0] == PhotoState.FAILED


@pytest.mark.parametrize("kind", ["missing", "no picture", "too large", "private", "loop", "file address"])
def test_what_is_no_photo_fails_in_words_and_the_others_come(
    dealer: Dealer, user: User, web: Pages, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(photo_fetching, "MAX_PHOTO_BYTES", 100_000)
    wrong = {
        "missing": lambda: web.url + "/none.jpg",
        "no picture": lambda: web.add("/x.jpg", b"<html>hello</html>"),
        "too large": lambda: web.add("/x.jpg", jpeg() + b"\0" * 200_000),
        "private": lambda: web.redirect("/x.jpg", "http://127.0.0.2:22/etc/passwd"),
        "loop": lambda: web.redirect("/x.jpg", web.url + "/x.jpg"),
        "file address": lambda: web.redirect("/x.jpg", "file:///etc/passwd"),
    }[kind]()
    good = web.add("/good.jpg", jpeg())
    moved = web.redirect("/moved.jpg", web.add("/there.jpg", jpeg("blue")))

    loaded(dealer, user, car("A-1", Фото=f"{wrong} {good} {moved}"))
    fetch_all()

    found = states()
    assert [state for state, _error in found] == [PhotoState.FAILED, PhotoState.DONE, PhotoState.DONE]
    assert len(found[0][1]) > 10
    assert Listing.objects.get().photos.count() == 2


def test_a_car_has_a_limited_number_of_photos(
    dealer: Dealer, user: User, web: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MAX_PHOTOS", 1)
    first, second = web.add("/1.jpg", jpeg("red")), web.add("/2.jpg", jpeg("blue"))

    loaded(dealer, user, car("A-1", Фото=f"{first} {second}"))
    fetch_all()

    assert [state for state, _error in states()] == [PhotoState.DONE, PhotoState.FAILED]
    assert web.asked == ["/1.jpg"]


def test_a_slow_car_gives_others_a_turn(
    dealer: Dealer, user: User, web: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [web.add(f"/{number}.jpg", jpeg()) for number in range(3)]
    loaded(dealer, user, car("A-1", Фото=" ".join(addresses)))
    monkeypatch.setattr(photo_fetching, "TOTAL_SECONDS", -1.0)
    fetch_all()
    assert web.asked == []

    monkeypatch.setattr(photo_fetching, "TOTAL_SECONDS", 60.0)
    fetch_all()
    assert [state for state, _error in states()] == [PhotoState.DONE] * 3


# --- In an archive --------------------------------------------------------------------------------------------------


def archive(files: dict[str, bytes], **options: Any) -> ContentFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as found:
        for name, content in files.items():
            found.writestr(name, content)
    return ContentFile(buffer.getvalue())


def test_photos_of_an_archive_are_matched_by_number_vin_and_stock_number(dealer: Dealer, user: User) -> None:
    header_cars = [car("A-1"), car("A-2", VIN=VIN), car("A-3")]
    content = archive(
        {
            "A-1/2.jpg": jpeg("blue"),
            "A-1/10.jpg": jpeg("green"),
            "A-1/1.jpg": jpeg("red"),
            f"фото/{VIN.lower()}_1.jpg": jpeg("white"),
            "a-3 (1).JPG": jpeg("black"),
            "лишнее/7.jpg": jpeg("red"),
            "__MACOSX/A-1/1.jpg": b"x",
            "A-1/readme.txt": b"x",
        }
    )

    job = loaded(dealer, user, *header_cars, archive=content, archive_name="photos.zip", run=False)
    assert job.unmatched == ["лишнее/7.jpg"]
    jobs.run(job)
    engine.work(job.pk)
    fetch_all()

    job.refresh_from_db()
    assert (job.state, job.unmatched) == (ImportState.DONE, ["лишнее/7.jpg"])
    found = {listing.external_id: listing.photos.count() for listing in Listing.objects.all()}
    assert found == {"A-1": 3, "A-2": 1, "A-3": 1}
    names = (
        PhotoDownload.objects.filter(listing__external_id="A-1").order_by("position").values_list("member", flat=True)
    )
    assert list(names) == ["A-1/1.jpg", "A-1/2.jpg", "A-1/10.jpg"]

    again = loaded(dealer, user, *header_cars, archive=content, archive_name="photos.zip", run=False)
    assert not ImportPage(again, {}).can_load
    run_now(again)
    fetch_all()
    assert again.counts == {"same": 3}
    assert CustomImage.objects.count() == 5


def test_an_archive_brings_photos_to_cars_that_the_list_leaves_as_they_are(dealer: Dealer, user: User) -> None:
    loaded(dealer, user, car("A-1"), car("A-2"))
    content = archive({"A-1/1.jpg": jpeg("blue"), "A-1/2.jpg": jpeg("red"), "B-9/1.jpg": jpeg("red")})

    job = loaded(dealer, user, car("A-1"), car("A-2"), archive=content, archive_name="photos.zip", run=False)
    page = ImportPage(job, {})
    assert (page.can_load, page.load_label) == (True, "Загрузить фотографии: 2")
    run_now(job)
    fetch_all()
    assert Listing.objects.get(external_id="A-1").photos.count() == 2


def test_new_cars_are_submitted_with_and_without_photos_in_the_archive(dealer: Dealer, user: User) -> None:
    content = archive({"A-1/1.jpg": jpeg()})

    loaded(dealer, user, car("A-1"), car("A-2"), archive=content, archive_name="photos.zip", submit=True)
    before = {listing.external_id: publication_state(listing) for listing in Listing.objects.all()}
    fetch_all()

    assert before == {"A-1": PublicationState.DRAFT, "A-2": PublicationState.IN_MODERATION}
    assert publication_state(Listing.objects.get(external_id="A-1")) == PublicationState.IN_MODERATION


def test_a_row_that_is_corrected_after_the_run_gets_its_photos(dealer: Dealer, user: User) -> None:
    content = archive({"A-1/1.jpg": jpeg()})
    job = loaded(dealer, user, car("A-1", Год="1"), car("A-2"), archive=content, archive_name="photos.zip")

    jobs.correct(job.rows.get(number=2), {"year": "2018"})
    fetch_all()

    assert Listing.objects.get(external_id="A-1").photos.count() == 1


@pytest.mark.parametrize(
    "files",
    [
        {"A-1/1.jpg": b"0" * 60_000_000},
        {"readme.txt": b"hello"},
        {f"{number}.jpg": b"" for number in range(50_001)},
    ],
    ids=["bomb", "no pictures", "too many"],
)
def test_hostile_archives_are_refused_in_words(dealer: Dealer, user: User, folders: Path, files: Any) -> None:
    content = archive(files, compression=zipfile.ZIP_DEFLATED)

    with pytest.raises(FileError) as refused:
        jobs.start(dealer, user, ContentFile(table([car()])), "cars.csv", archive=content, archive_name="photos.zip")

    assert len(str(refused.value)) > 10
    assert [path for path in (folders / "imports").rglob("*") if path.is_file()] == []


def test_what_is_no_archive_is_refused(dealer: Dealer, user: User) -> None:
    with pytest.raises(FileError):
        jobs.start(
            dealer, user, ContentFile(table([car()])), "cars.csv", archive=ContentFile(b"PK no"), archive_name="x.zip"
        )


def test_a_damaged_photo_of_an_archive_fails_alone(dealer: Dealer, user: User) -> None:
    content = archive({"A-1/1.jpg": b"no picture at all", "A-1/2.jpg": jpeg()})

    loaded(dealer, user, car("A-1"), archive=content, archive_name="photos.zip")
    fetch_all()

    assert [state for state, _error in states()] == [PhotoState.FAILED, PhotoState.DONE]
