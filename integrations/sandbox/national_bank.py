"""The National Bank's daily rates in the form of its public API; the amounts are made up."""

from datetime import date
from typing import Any

RATES_PATH = "/nbrb/exrates/rates"
RATES = (
    (431, "USD", 1, "Доллар США", 2.9456),
    (451, "EUR", 1, "Евро", 3.4120),
    (456, "RUB", 100, "Российских рублей", 3.6521),
)


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
