"""The National Bank's daily rates in the form of its public API; the amounts are made up."""

from datetime import date
from typing import Any

from .platform import NOT_FOUND, Platform, Request, Response, Trouble, json_response

RATES = (
    (431, "USD", 1, "Доллар США", 2.9456),
    (451, "EUR", 1, "Евро", 3.4120),
    (456, "RUB", 100, "Российских рублей", 3.6521),
)


class NationalBank(Platform):
    key, title, has_page = "nbrb", "Национальный банк", False

    def operation(self, request: Request) -> str | None:
        return "rates"

    def handle(self, request: Request) -> Response:
        return json_response(200, todays_rates()) if request.path == "/exrates/rates" else NOT_FOUND

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        return Response(500 if kind == "auth" else int(kind), b"", "text/html")


def todays_rates() -> list[dict[str, Any]]:
    day = f"{date.today():%Y-%m-%d}T00:00:00"
    return [
        {
            "Cur_ID": number,
            "Date": day,
            "Cur_Abbreviation": code,
            "Cur_Scale": scale,
            "Cur_Name": name,
            "Cur_OfficialRate": rate,
        }
        for number, code, scale, name, rate in RATES
    ]
