"""What editors do with listings in the admin."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from cms.images.models import CustomImage
from cms.users.models import User
from listings.models import Listing, PublishedListing
from listings.vocabulary import SaleState
from tests.factories import (
    CarModelFactory,
    CityFactory,
    DealerFactory,
    ListingFactory,
    MakeFactory,
    image,
    picture_bytes,
)

pytestmark = pytest.mark.django_db

ADD = "wagtailsnippets_listings_listing:add"
EDIT = "wagtailsnippets_listings_listing:edit"
LIST = "wagtailsnippets_listings_listing:list"


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("editor", "editor@example.com", "pass"))
    return client


def form(**changes: Any) -> dict[str, Any]:
    """A filled-in edit page."""
    make = MakeFactory()
    values = {
        "make": make.pk, "model": CarModelFactory(make=make).pk, "generation": "", "trim": "", "year": "2018",
        "vin": "WBAKS410900C12345", "condition": "used", "mileage_km": "120000", "owners": "1", "body": "suv",
        "color": "black", "price": "95000", "currency": "BYN", "old_price": "", "fuel": "diesel",
        "engine_cc": "2993", "power_hp": "249", "gearbox": "automatic", "drive": "all", "battery_kwh": "",
        "range_km": "",
        "dealer": DealerFactory().pk, "city": CityFactory().pk, "text": rich_text("<p>Один владелец</p>"),
        "video_url": "", "contact_name": "", "contact_phone": "", "registration_country": "by", "title": "",
        "stock_number": "", "external_id": "", "photos": inline_formset([]),
    }  # fmt: skip
    return nested_form_data(values | changes)


@pytest.mark.smoke
def test_an_editor_creates_and_publishes_a_car_with_photos(editor: Client) -> None:
    photos = inline_formset([{"image": image("red").pk}, {"image": image("blue").pk}])

    saved = editor.post(reverse(ADD), form(photos=photos))
    listing = Listing.objects.get()
    assert (saved.status_code, listing.live, str(listing)) == (302, False, "BMW X5, 2018")
    assert PublishedListing.objects.count() == 0

    rows = [{"id": photo.pk, "image": photo.image.pk} for photo in listing.photos.all()]
    kept = inline_formset(rows, initial=2)
    editor.post(reverse(EDIT, args=[listing.pk]), form(photos=kept) | {"action-publish": "1"})
    document = PublishedListing.objects.get()
    assert document.detail_data["photos_count"] == 2
    assert document.detail_data["text_html"] == "<p>Один владелец</p>"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("price", "0", "Укажите цену от 100 до 10000000."),
        ("price", "1000000000000", "Укажите цену от 100 до 10000000."),
        ("year", "2090", "Укажите год от 1930 до"),
        ("vin", "WBAKS41O900C12345", "В VIN не бывает O: проверьте, не цифра ли это 1 или 0."),
        ("vin", "123", "VIN состоит из 17 латинских букв и цифр"),
        ("title", "<b>BMW</b>", "Здесь только обычный текст, без знаков &lt; и &gt;."),
        ("mileage_km", "9000000", "Пробег не может быть больше 2000000 км."),
        ("video_url", "https://evil.example/v", "Вставьте адрес ролика на YouTube."),
        ("contact_phone", "12", "Укажите телефон с кодом страны"),
        ("old_price", "90000", "Цена до скидки должна быть выше цены."),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_stored(editor: Client, field: str, value: str, message: str) -> None:
    answer = editor.post(reverse(ADD), form(**{field: value}))

    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert Listing.objects.count() == 0


def test_a_model_of_another_make_is_refused(editor: Client) -> None:
    audi = CarModelFactory(make=MakeFactory(slug="audi"), name="A6")

    answer = editor.post(reverse(ADD), form(model=audi.pk))

    assert "Это модель другой марки" in answer.content.decode()


def test_a_dependent_select_gets_the_rows_of_its_parent_only(editor: Client) -> None:
    x5 = CarModelFactory()
    CarModelFactory(make=MakeFactory(slug="audi"), name="A6")

    rows = editor.get(reverse("listing_options", args=["model"]), {"parent": x5.make.pk}).json()
    page = editor.get(reverse(ADD)).content.decode()

    assert rows == [[x5.pk, "X5"]]
    assert ">A6<" not in page
    assert editor.get(reverse("listing_options", args=["vin"])).status_code == 404


def upload(editor: Client, name: str, content: bytes, **data: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return editor.post(reverse("listing_upload_photo"), {"file": file, **data})


def test_a_dropped_photo_lands_in_the_dealers_collection(editor: Client) -> None:
    dealer = DealerFactory()

    answer = upload(editor, "IMG_1.HEIC", picture_bytes(format="HEIF").getvalue(), dealer=dealer.pk)

    stored = CustomImage.objects.get(pk=answer.json()["id"])
    assert stored.collection == dealer.collection
    assert stored.file.name.endswith(".jpg")
    assert answer.json()["preview"]["url"].startswith("/media/")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jpg", b"not a picture", "повреж"),
        ("a.exe", b"MZ", "изображен"),
        ("a.jpg", picture_bytes(size=(9_000, 7_000)).getvalue(), "пиксел"),
    ],
)
def test_a_bad_photo_is_refused_in_words(editor: Client, name: str, content: bytes, message: str) -> None:
    answer = upload(editor, name, content)

    assert answer.status_code == 422
    assert message in answer.json()["error"].lower()
    assert CustomImage.objects.count() == 0


def test_uploads_and_places_are_closed_to_strangers(client: Client) -> None:
    listing = ListingFactory(published=True)
    client.force_login(User.objects.create_user("stranger", password="pass"))
    places = reverse("listing_places", args=[listing.pk])
    sale = reverse("listing_sale_state", args=[listing.pk, "sold"])

    assert client.get(places).status_code in (302, 403, 404)
    assert client.post(sale).status_code in (302, 403, 404)
    assert upload(client, "a.jpg", picture_bytes().getvalue()).status_code in (302, 403)
    listing.refresh_from_db()
    assert (listing.sale_state, CustomImage.objects.count()) == (SaleState.AVAILABLE, 0)


def test_the_edit_page_says_where_the_car_can_be_seen(editor: Client) -> None:
    listing = ListingFactory(published=True)

    places = editor.get(reverse("listing_places", args=[listing.pk])).content.decode()

    assert "Сайт" in places
    assert "Забронировать" in places


def test_the_sale_moves_by_button(editor: Client) -> None:
    listing = ListingFactory(published=True)

    editor.post(reverse("listing_sale_state", args=[listing.pk, "reserved"]))
    assert PublishedListing.objects.get().card_data["sale_state"] == "reserved"
    assert editor.post(reverse("listing_sale_state", args=[listing.pk, "eaten"])).status_code == 422


def test_the_filtered_list_is_exported_and_formulas_are_defused(editor: Client) -> None:
    ListingFactory(stock_number="=1+1", price=50_000)
    ListingFactory(stock_number="B", price=70_000)

    table = editor.get(reverse(LIST), {"price_max": "60000", "export": "csv"})
    csv = b"".join(table.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=1+1" in csv
    assert "70000" not in csv

    workbook = editor.get(reverse(LIST), {"price_max": "60000", "export": "xlsx"})
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(workbook.streaming_content) if workbook.streaming else workbook.content)
    ).active  # type: ignore[attr-defined]
    rows = list(sheet.values)
    assert len(rows) == 2
    assert "'=1+1" in rows[1]


def test_the_index_filters_and_costs_the_same_for_more_rows(editor: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert editor.get(reverse(LIST), {"make": "bmw", "has_photo": "true"}).status_code == 200
        return len(captured)

    ListingFactory(photos=1)
    queries()
    few = queries()
    for _ in range(5):
        ListingFactory(photos=2)
    assert queries() == few


def test_the_filters_of_the_list_keep_their_words_and_choices_beside_the_api(editor: Client) -> None:
    MakeFactory(slug="bmw", name="BMW")
    assert editor.get("/api/v1/openapi.json").status_code == 200
    page = editor.get(reverse(LIST)).content.decode()
    assert "Пробег до, км" in page
    assert '<option value="bmw">BMW</option>' in page


def test_the_list_leads_to_each_car(editor: Client) -> None:
    listing = ListingFactory()
    assert f"/edit/{listing.pk}/" in editor.get(reverse(LIST)).content.decode()


def test_an_uploaded_picture_is_upright(editor: Client) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Pillow.new("RGB", (400, 300), "red").save(buffer, "JPEG", exif=exif)

    answer = upload(editor, "a.jpg", buffer.getvalue())

    stored = CustomImage.objects.get(pk=answer.json()["id"])
    assert (stored.width, stored.height) == (300, 400)
