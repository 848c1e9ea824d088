"""How a post says in Russian what a document says in codes.

Posts are Russian whatever language the person in the admin reads, so these words are content, not interface.
A test compares the keys with the codes of `listings.vocabulary`.
"""

from typing import Any

CONDITION = {"new": "новый", "used": "с пробегом", "damaged": "после аварии", "parts": "на запчасти"}
FUEL = {
    "petrol": "бензин",
    "diesel": "дизель",
    "petrol_lpg": "бензин и пропан",
    "petrol_cng": "бензин и метан",
    "hybrid": "гибрид",
    "plug_in_hybrid": "подзаряжаемый гибрид",
    "electric": "электромобиль",
}
GEARBOX = {
    "manual": "механика",
    "automatic": "автомат",
    "robot": "робот",
    "cvt": "вариатор",
    "reducer": "редуктор",
}
DRIVE = {"front": "передний привод", "rear": "задний привод", "all": "полный привод"}
BODY = {
    "sedan": "седан",
    "hatchback": "хэтчбек",
    "liftback": "лифтбек",
    "wagon": "универсал",
    "suv": "внедорожник",
    "crossover": "кроссовер",
    "coupe": "купе",
    "convertible": "кабриолет",
    "minivan": "минивэн",
    "van": "фургон",
    "minibus": "микроавтобус",
    "pickup": "пикап",
    "limousine": "лимузин",
}
COLOR = {
    "black": "чёрный",
    "white": "белый",
    "silver": "серебристый",
    "grey": "серый",
    "blue": "синий",
    "light_blue": "голубой",
    "red": "красный",
    "burgundy": "бордовый",
    "green": "зелёный",
    "brown": "коричневый",
    "beige": "бежевый",
    "yellow": "жёлтый",
    "orange": "оранжевый",
    "purple": "фиолетовый",
    "gold": "золотистый",
    "other": "",
}
NBSP = "\N{NO-BREAK SPACE}"


def number(value: int) -> str:
    """95000 → "95 000", with spaces that do not break."""
    return f"{value:,}".replace(",", NBSP)


def phone(value: str) -> str:
    """+375291234567 → "+375 29 123-45-67"; other numbers stay as they are."""
    if value.startswith("+375") and len(value) == 13:
        return f"+375 {value[4:6]} {value[6:9]}-{value[9:11]}-{value[11:]}"
    return value


def engine(document: dict[str, Any]) -> str:
    """ "дизель 3.0, 249 л.с." or "электромобиль, 77 кВт·ч"."""
    litres = f" {document['engine_cc'] / 1000:.1f}" if document.get("engine_cc") else ""
    parts = [f"{FUEL.get(document['fuel'], '')}{litres}".strip()]
    if document.get("battery_kwh"):
        parts.append(f"{document['battery_kwh']:g} кВт·ч")
    if document.get("power_hp"):
        parts.append(f"{document['power_hp']} л.с.")
    return ", ".join(part for part in parts if part)
