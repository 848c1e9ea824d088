"""Words for the codes of a listing in files: the first is ours, the others are what people and other systems write.

A word that is not here is an error of its cell, never a guess: "gas", which is petrol in one country and propane in
another, is left out on purpose.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from listings.vocabulary import Body, Color, Condition, Country, Drive, Fuel, Gearbox

CONDITIONS = {
    Condition.NEW: "новый|новая|новое|new|нов",
    Condition.USED: "с пробегом|б/у|бу|used|owned|подержанный|отличное|хорошее|среднее|excellent|good",
    Condition.DAMAGED: "аварийный|битый|damaged|emergency|после дтп|не на ходу|требует ремонта|crashed|salvage",
    Condition.PARTS: "на запчасти|запчасти|parts|for parts",
}
FUELS = {
    Fuel.PETROL: "бензин|б|бензиновый|petrol|gasoline|benzin",
    Fuel.DIESEL: "дизель|д|дизельный|дт|diesel|tdi|солярка",
    Fuel.PETROL_LPG: "бензин и пропан|газ/бензин|бензин/газ|газ|газ-бензин|бензин-газ|бензин и газ|бензин + газ"
    "|газ + бензин|бензин (пропан-бутан)|бензин, газ|пропан|пропан-бутан|гбо|lpg|petrol and propane|petrol/lpg"
    "|petrol_and_gas",
    Fuel.PETROL_CNG: "бензин и метан|бензин (метан)|метан|cng|petrol and methane|petrol/cng|бензин/метан",
    Fuel.HYBRID: "гибрид|hybrid|hybrid-petrol|hybrid-diesel|бензин (гибрид)|дизель (гибрид)|hev|бензин/электро"
    "|гибридный|petrol_hybrid",
    Fuel.PLUG_IN_HYBRID: "подключаемый гибрид|plug-in hybrid|plug_in_hybrid|phev|плагин|плагин-гибрид|plugin hybrid",
    Fuel.ELECTRIC: "электро|электричество|электрический|электромобиль|electric|electro|ev|bev|э",
}
GEARBOXES = {
    Gearbox.MANUAL: "механика|мкпп|механическая|мех|м|manual|mechanical|mt|ручная",
    Gearbox.AUTOMATIC: "автомат|акпп|автоматическая|авт|а|automatic|auto|at|типтроник|tiptronic",
    Gearbox.ROBOT: "робот|роботизированная|ркпп|robot|robotized|robotised|amt|rt|dsg|dct|преселективная",
    Gearbox.CVT: "вариатор|cvt|variator|вариаторная|бесступенчатая",
    Gearbox.REDUCER: "редуктор|reducer|reduction gear|single speed|одноступенчатая",
}
DRIVES = {
    Drive.FRONT: "передний привод|передний|п|front|fwd|front-wheel|front wheel|передние|2wd передний",
    Drive.REAR: "задний привод|задний|з|rear|rwd|rear-wheel|rear wheel|задние",
    Drive.ALL: "полный привод|полный|4wd|awd|4x4|4х4|all|full|all-wheel|all wheel|подключаемый полный привод"
    "|постоянный полный привод|подключаемый полный|постоянный полный|полный подключаемый|полный постоянный"
    "|full_4wd|optional_4wd|quattro|xdrive|4motion|4matic",
}
BODIES = {
    Body.SEDAN: "седан|sedan|saloon",
    Body.HATCHBACK: "хетчбэк|хэтчбек|хетчбек|хэтчбэк|hatchback|хэтч|хетч",
    Body.LIFTBACK: "лифтбек|лифтбэк|liftback|фастбек|фастбэк|fastback",
    Body.WAGON: "универсал|wagon|estate|universal|station wagon",
    Body.SUV: "внедорожник|джип|suv|jeep|offroad|off-road",
    Body.CROSSOVER: "кроссовер|crossover|паркетник|cuv",
    Body.COUPE: "купе|coupe|coupé",
    Body.CONVERTIBLE: "кабриолет|cabriolet|convertible|cabrio|родстер|roadster|тарга|targa"
    "|фаэтон|phaeton|спидстер|speedster",
    Body.MINIVAN: "минивэн|минивен|minivan|mpv|компактвэн|компактвен|compactvan|микровэн|microvan",
    Body.VAN: "фургон|van|цельнометаллический фургон|fullmetal_van|cargo_van|грузовой фургон|грузопассажирский",
    Body.MINIBUS: "микроавтобус|minibus|bus",
    Body.PICKUP: "пикап|pickup|pick-up",
    Body.LIMOUSINE: "лимузин|limousine|limo",
}
COLORS = {
    Color.BLACK: "чёрный|black|черная|черн",
    Color.WHITE: "белый|white|белая|бел",
    Color.SILVER: "серебристый|silver|серебряный|серебро|серебристая",
    Color.GREY: "серый|grey|gray|серая|графит|графитовый|мокрый асфальт",
    Color.BLUE: "синий|blue|синяя",
    Color.LIGHT_BLUE: "голубой|light blue|light_blue|azure|голубая|светло-синий|бирюзовый|turquoise",
    Color.RED: "красный|red|красная",
    Color.BURGUNDY: "бордовый|burgundy|вишнёвый|вишня|бордо|maroon|тёмно-бордовый",
    Color.GREEN: "зелёный|green|зеленая",
    Color.BROWN: "коричневый|brown|коричневая|шоколадный",
    Color.BEIGE: "бежевый|beige|бежевая|песочный",
    Color.YELLOW: "жёлтый|yellow|желтая",
    Color.ORANGE: "оранжевый|orange|оранжевая",
    Color.PURPLE: "фиолетовый|purple|violet|пурпурный|лиловый|сиреневый",
    Color.GOLD: "золотистый|gold|golden|золотой|золото",
    Color.OTHER: "другой|other|розовый|pink|хамелеон",
}
COUNTRIES = {
    Country.BELARUS: "Беларусь|РБ|Belarus|Республика Беларусь|BY|BLR",
    Country.RUSSIA: "Россия|РФ|Russia|Российская Федерация|RUS",
    Country.KAZAKHSTAN: "Казахстан|Kazakhstan|РК|KAZ",
    Country.ARMENIA: "Армения|Armenia|ARM",
    Country.KYRGYZSTAN: "Кыргызстан|Киргизия|Kyrgyzstan|KGZ",
    Country.GERMANY: "Германия|Germany|DEU",
    Country.POLAND: "Польша|Poland|POL",
    Country.LITHUANIA: "Литва|Lithuania|LTU",
    Country.LATVIA: "Латвия|Latvia|LVA",
    Country.USA: "США|USA",
    Country.CHINA: "Китай|China|КНР|CHN",
    Country.KOREA: "Южная Корея|Корея|South Korea|Korea|KOR",
    Country.UAE: "ОАЭ|UAE|United Arab Emirates|ARE",
    Country.OTHER: "Другая страна|Another country|другая|other",
}
CURRENCIES = {
    "BYN": "BYN|бел. руб|бел руб|бел.руб|белорусских рублей|белорусские рубли|руб|рублей|рубли|р|br|б.р|б/р",
    "USD": "USD|$|долл|доллар|доллара|доллары|долларов|долл. сша|доллары сша|долларов сша|us$|dollar|dollars",
    "EUR": "EUR|€|евро|euro",
}
_TABLES: dict[str, Mapping[Any, str]] = {
    "condition": CONDITIONS, "fuel": FUELS, "gearbox": GEARBOXES, "drive": DRIVES, "body": BODIES,
    "color": COLORS, "registration_country": COUNTRIES, "currency": CURRENCIES,
}  # fmt: skip
CHOICES: dict[str, dict[str, str]] = {
    name: {str(code): words for code, words in table.items()} for name, table in _TABLES.items()
}
"""Column to code to its words."""

YES = "да|yes|true|1|+|y|есть|истина|возможен|возможна|возможно|on"
NO = "нет|no|false|0|n|ложь|невозможен|не возможен|не интересует|невозможно|off"
YES_NO: dict[str, tuple[str, str]] = {
    "vat": (f"{YES}|с ндс|включён|включая ндс|в том числе", f"{NO}|без ндс|не включён"),
    "exchange": (
        f"{YES}|обмен возможен|возможен обмен|интересует|рассмотрю|обмен",
        f"{NO}|без обмена|обмен невозможен",
    ),
    "leasing": (f"{YES}|лизинг возможен|возможен лизинг|лизинг", f"{NO}|без лизинга"),
    "customs_cleared": (
        f"{YES}|растаможен|растаможена|растаможено|cleared|customs cleared",
        f"{NO}|не растаможен|не растаможена|нерастаможен|not cleared",
    ),
}
OWNERS = {"один": 1, "два": 2, "три": 3, "три и более": 3, "3 и более": 3}

DECORATION = re.compile(
    r"\s*\(?\b(?:\d\s*-?\s*(?:дв|двер\w*|door|doors)|металлик|metallic|мет|перламутр|перламутровый|неметаллик)\b\.?\)?"
)
"""Says more than we keep: the number of doors, the effect of the paint."""
SHADE = re.compile(r"^(?:темно|светло|ярко|dark|light)[\s-]*")


def plain(word: str) -> str:
    """Case, ё, kinds of spaces and dashes, and a closing point differ between files and mean nothing."""
    return re.sub(r"\s+", " ", word.casefold().replace("ё", "е").replace("–", "-").replace("—", "-")).strip(" .,;:")


def _index(table: dict[str, str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for code, names in table.items():
        words[plain(code)] = code
        for name in names.split("|"):
            words.setdefault(plain(name), code)
    return words


_CODES = {column: _index(table) for column, table in CHOICES.items()}
_ANSWERS = {
    column: dict.fromkeys(map(plain, no.split("|")), False) | dict.fromkeys(map(plain, yes.split("|")), True)
    for column, (yes, no) in YES_NO.items()
}


def canonical(column: str, code: str) -> str:
    """Our own word for a code, as exports write it."""
    return CHOICES[column][code].split("|", 1)[0]


def accepted(column: str) -> list[str]:
    """Our own words for a column, to show what it takes."""
    if column in YES_NO:
        return ["да", "нет"]
    return [canonical(column, code) for code in CHOICES[column]]


@lru_cache(maxsize=20_000)
def code_for(column: str, word: str) -> str | None:
    """The code that a word means in a column; None if it is not known."""
    codes, key = _CODES[column], plain(word)
    if key in codes:
        return codes[key]
    bare = plain(DECORATION.sub("", key))
    if column == "color" and bare not in codes:
        bare = SHADE.sub("", bare)
    return codes.get(bare)


@lru_cache(maxsize=1_000)
def answer(column: str, word: str) -> bool | None:
    """Yes or no in a column; None if the word is neither."""
    return _ANSWERS[column].get(plain(word))
