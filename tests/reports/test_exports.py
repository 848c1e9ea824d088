"""The report on its page and as a file: the same rows, the same rights."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Operation, Result
from integrations.reports.summary.exports import shown_time
from integrations.reports.summary.lines import CARS_PER_PAGE
from integrations.reports.vocabulary import GroupBy
from listings.models import Dealer, Listing, PublishedListing
from listings.vocabulary import MemberRole
from tests.factories import DealerFactory, UserFactory, member, staff
from tests.reports.attempts import attempt

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]
PAGE = "reports_publications"


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, **chosen: Any) -> str:
    response = client.get(reverse(PAGE), chosen)
    assert response.status_code == 200
    return response.content.decode()


def download(client: Client, fmt: str, **chosen: Any) -> bytes:
    response = client.get(reverse(PAGE), {"export": fmt} | chosen)
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def lines_on(html: str) -> int:
    table = html[html.index("report-table") :]
    return table[: table.index("</table>")].count('<th scope="row">')


@pytest.fixture
def two_dealers(publish: Publish, dealer: Dealer, channel: Channel) -> tuple[Dealer, Dealer]:
    """Each with a car that was published an hour ago; the other one in a channel of its own."""
    other = DealerFactory(slug="other", name="ТАЙНЫЙ салон")
    hidden = Channel.objects.create(name="ТАЙНЫЙ канал", adapter="telegram", dealer=other)
    mine, theirs = publish(year=2018), publish(year=2011)
    Listing.objects.filter(pk=theirs.document.listing_id).update(dealer=other)
    PublishedListing.objects.filter(pk=theirs.document_id).update(title="ТАЙНЫЙ автомобиль")
    Publication.objects.filter(pk=theirs.pk).update(channel=hidden)
    for row in (mine, theirs, theirs):
        attempt(row, Operation.CREATE, timezone.now() - timedelta(minutes=1))
    Publication.objects.update(published_at=timezone.now())
    return dealer, other


# --- Page -----------------------------------------------------------------------------------------
def test_the_page_shows_lines_total_bars_and_where_to_download(publish: Publish, admin_client: Client) -> None:
    row = publish()
    attempt(row, Operation.CREATE, timezone.now(), waited=90)
    attempt(row, Operation.UPDATE, timezone.now(), Result.INVALID)

    html = page(admin_client)

    assert row.channel.name in html
    assert shown_time(timedelta(seconds=90)) in html
    assert "50 %" in html
    assert html.count("<rect ") == 1
    for fmt in ("xlsx", "csv"):
        assert f"export={fmt}" in html


@pytest.mark.parametrize(
    "chosen",
    [
        {"period": "dates", "since": "2026-11-20", "until": "2026-11-01"},
        {"period": "dates", "since": "1990-01-01", "until": "1990-02-01"},
        {"period": "dates"},
        {"period": "dates", "since": "tomorrow", "until": "'; DROP TABLE"},
        {"period": "century"},
        {"group_by": "planet"},
        {"dealer": "999999"},
        {"channel": "0 OR 1=1"},
    ],
)
@pytest.mark.parametrize("fmt", ["", "csv"])
def test_nonsense_is_named_and_nothing_is_counted(admin_client: Client, chosen: dict[str, str], fmt: str) -> None:
    DealerFactory(slug="first")
    DealerFactory(slug="second")
    html = page(admin_client, **chosen, export=fmt)

    assert "report-choice__error" in html
    assert "report-table" not in html


def test_a_page_of_cars_is_a_page(publish: Publish, admin_client: Client) -> None:
    rows = [publish() for _ in range(3)]
    Publication.objects.update(published_at=timezone.now())
    documents = [row.document for row in rows]
    copies = []
    for number in range(CARS_PER_PAGE + 20):
        copy = PublishedListing.objects.get(pk=documents[0].pk)
        copy.pk, copy.listing, copy.uuid = None, None, f"00000000-0000-0000-0000-{number:012}"
        copy.slug = f"copy-{number}"
        copies.append(copy)
    copies = PublishedListing.objects.bulk_create(copies)
    Publication.objects.bulk_create(
        Publication(
            document=copy, channel=rows[0].channel, desired="present", desired_version=1, published_at=timezone.now()
        )
        for copy in copies
    )

    first, second = (page(admin_client, group_by=GroupBy.CAR, p=number) for number in (1, 2))

    assert lines_on(first) == CARS_PER_PAGE + 1
    assert lines_on(second) == 20 + 3 + 1
    assert len(csv_rows(download(admin_client, "csv", group_by=GroupBy.CAR))) == 1 + CARS_PER_PAGE + 20 + 3 + 1


@pytest.mark.parametrize("group_by", GroupBy.values)
def test_the_page_asks_the_same_number_of_queries_for_more(
    publish: Publish, admin_client: Client, group_by: str
) -> None:
    def work() -> int:
        row = publish()
        attempt(row, Operation.CREATE, timezone.now())
        Publication.objects.filter(pk=row.pk).update(published_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            page(admin_client, group_by=group_by)
        return len(queries)

    work()

    assert work() == work()


# --- Files ----------------------------------------------------------------------------------------
def test_a_file_has_the_rows_of_the_page_in_russian_with_numbers(publish: Publish, admin_client: Client) -> None:
    row = publish()
    Channel.objects.update(name="=HYPERLINK(1)")
    attempt(row, Operation.CREATE, timezone.now(), waited=90)

    content = download(admin_client, "csv")
    header, line, total = csv_rows(content)
    sheet = load_workbook(io.BytesIO(download(admin_client, "xlsx"))).active
    cells = list(sheet.iter_rows(values_only=True))

    assert content.startswith(b"\xef\xbb\xbf")
    assert len(header) == len(line) == len(total) == 15
    assert line[0] == "'=HYPERLINK(1)"
    assert (line[1], line[9], line[12]) == ("1", "90", "")
    assert (cells[1][0], cells[1][1], cells[1][8], cells[1][9], cells[1][12]) == ("'=HYPERLINK(1)", 1, 100, 90, None)
    assert all(cell.data_type != "f" for found in sheet.iter_rows() for cell in found)
    assert list(cells[0]) == header


# --- Rights ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("group_by", GroupBy.values)
@pytest.mark.parametrize("what", ["page", "csv", "xlsx"])
def test_a_dealer_sees_nothing_of_another_dealers(two_dealers: tuple[Dealer, Dealer], group_by: str, what: str) -> None:
    client = as_user(member(two_dealers[0]))

    if what == "page":
        text = page(client, group_by=group_by)
        foot = text[text.index("<tfoot>") : text.index("</tfoot>")]
        total = ["", *re.findall(r"<td>(.*?)</td>", foot)]
    elif what == "csv":
        text = download(client, "csv", group_by=group_by).decode("utf-8-sig")
        total = csv_rows(text.encode())[-1]
    else:
        book = load_workbook(io.BytesIO(download(client, "xlsx", group_by=group_by)))
        rows = list(book.active.iter_rows(values_only=True))
        text, total = str(rows), [str(value) for value in rows[-1]]

    assert "ТАЙНЫЙ" not in text
    published, again, attempts, standing = total[1], total[2], total[7], total[10]
    assert (published, again, attempts, standing) == ("1", "0", "1", "1")


@pytest.mark.parametrize("name", ["dealer", "channel"])
def test_a_dealer_cannot_ask_for_another_ones_rows(two_dealers: tuple[Dealer, Dealer], name: str) -> None:
    other = two_dealers[1]
    value = other.pk if name == "dealer" else Channel.objects.get(dealer=other).pk
    client = as_user(member(two_dealers[0]))

    html = page(client, **{name: value})

    assert "ТАЙНЫЙ" not in html


def test_an_agent_sees_the_cars_in_his_name(publish: Publish, dealer: Dealer) -> None:
    agent = member(dealer, MemberRole.AGENT)
    mine, colleagues = publish(), publish()
    Listing.objects.filter(pk=mine.document.listing_id).update(agent=agent)
    for row in (mine, colleagues, colleagues):
        attempt(row, Operation.CREATE, timezone.now())

    _header, _line, total = csv_rows(download(as_user(agent), "csv"))

    assert (total[1], total[7]) == ("1", "1")


def test_the_groups_staff_sees_all_and_can_ask_for_one(two_dealers: tuple[Dealer, Dealer]) -> None:
    client = as_user(staff("marketer"))

    assert csv_rows(download(client, "csv", group_by="dealer"))[-1][1] == "2"
    rows = csv_rows(download(client, "csv", group_by="dealer", dealer=two_dealers[1].pk))
    assert [row[0] for row in rows[1:-1]] == ["ТАЙНЫЙ салон"]


def test_who_may_not_see_publications_gets_neither_page_nor_file(two_dealers: tuple[Dealer, Dealer]) -> None:
    for user in (UserFactory(), staff("editor")):
        for fmt in ("", "csv", "xlsx"):
            response = as_user(user).get(reverse(PAGE), {"export": fmt})
            assert response.status_code == 302
