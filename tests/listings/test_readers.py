"""Files that dealers bring: real ones are read whatever they look like, hostile and damaged ones refused in words."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import tablib
from openpyxl import Workbook

from listings.exchange import readers
from listings.exchange.columns import guess
from listings.exchange.readers import FileError, Kind, Row, archives, base

FILES = Path(__file__).parent / "files"
HEADER = ["Марка", "Модель", "Год выпуска", "Цена, $"]
CAR = ["BMW", "X5", "2018", "25 500 $"]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def xlsx(path: Path, *sheets: tuple[str, list[list[Any]]], merge: str = "") -> Path:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
    workbook.save(path)
    return path


def read(path: Path, sheet: str = "") -> list[Row]:
    return list(readers.rows(path, readers.inspect(path, path.name), sheet))


def refusal(path: Path, name: str = "") -> str:
    with pytest.raises(FileError) as caught:
        _read_to_the_end(path, name or path.name)
    return str(caught.value)


def _read_to_the_end(path: Path, name: str) -> None:
    for _row in readers.rows(path, readers.inspect(path, name)):
        pass


def lines(*rows: list[str], delimiter: str = ";") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(file: Any, encoding: str, delimiter: str) -> None:
    path = file("cars.csv", lines(HEADER[:3], CAR[:3], ["Лада", "Веста", "2020"], delimiter=delimiter).encode(encoding))

    source = readers.inspect(path, "cars.csv")

    assert (source.kind, source.encoding, source.delimiter) == (Kind.CSV, encoding, delimiter)
    assert source.sheets[0].header == tuple(HEADER[:3])
    assert [row.number for row in readers.rows(path, source)] == [2, 3]
    assert read(path)[1].cells == {"Марка": "Лада", "Модель": "Веста", "Год выпуска": "2020"}


def test_a_csv_as_people_have_it(file: Any) -> None:
    path = file(
        "cars.csv",
        "Прайс на 01.11.2026;;;;\r\n;;;;\r\nМарка;Модель;Цена;Цена;\r\n"
        'BMW;"X5; новый\r\n""М""";25500.0;\'=1+1;\r\n;;;;\r\n'
        "'Нива;Урбан;=1+1;короткая\r\n",
    )

    source = readers.inspect(path, path.name)

    assert source.sheets[0].header == ("Марка", "Модель", "Цена", "Цена (2)")
    assert list(readers.rows(path, source)) == [
        Row(4, {"Марка": "BMW", "Модель": 'X5; новый\r\n"М"', "Цена": "25500", "Цена (2)": "=1+1"}),
        Row(6, {"Марка": "'Нива", "Модель": "Урбан", "Цена": "=1+1", "Цена (2)": "короткая"}),
    ]


def test_the_header_is_found_below_titles_on_the_best_sheet(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "cars.xlsx",
        ("Контакты", [["Салон", "Телефон"], ["Авто", "+375"]]),
        ("Склад", [["Прайс-лист", None, "2026"], [], ["Звоните", "нам"], [*HEADER, None, None], [*CAR], [], [*CAR]]),
    )

    source = readers.inspect(path, path.name)

    assert [(sheet.name, sheet.header_row) for sheet in source.sheets] == [("Склад", 4), ("Контакты", 1)]
    assert [row.number for row in readers.rows(path, source)] == [5, 7]
    assert read(path)[0].cells == dict(zip(HEADER, CAR, strict=True))
    assert read(path, "Контакты")[0].cells == {"Салон": "Авто", "Телефон": "+375"}
    with pytest.raises(FileError, match="Архив"):
        read(path, "Архив")


def test_cells_of_a_workbook_read_as_a_person_would_type_them(tmp_path: Path) -> None:
    values = [
        12345.0,
        "00123",
        2.5,
        date(2018, 3, 1),
        datetime(2018, 3, 1, 12, 30),  # noqa: DTZ001 - tables know no zones
        True,
        None,
        "'=1+1",
        "it's",
        0.1 + 0.2,
    ]
    path = xlsx(tmp_path / "cars.xlsx", ("1", [["Марка", *"abcdefghi"], values]))

    assert list(read(path)[0].cells.values()) == [
        "12345", "00123", "2.5", "2018-03-01", "2018-03-01 12:30:00", "да", "", "=1+1", "it's", "0.3",
    ]  # fmt: skip


def test_a_workbook_is_read_by_its_content_whatever_its_file_is_called(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "cars.xlsx", ("1", [HEADER, CAR])).rename(tmp_path / "table")

    assert len(read(path)) == 1


def test_a_formula_gives_its_last_value_or_nothing(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "cars.xlsx", ("1", [["Марка", "Модель", "Цена"], ["BMW", "X5", '=HYPERLINK("http://a")']]))
    assert read(path)[0].cells["Цена"] == ""

    stored = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(stored, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.startswith("xl/worksheets/sheet"):
                content = content.replace(b"<v></v>", b"<v>25500</v>").replace(b"<v />", b"<v>25500</v>")
            target.writestr(entry, content)
    path.write_bytes(stored.getvalue())
    assert read(path)[0].cells["Цена"] == "25500"


def test_merged_cells_are_repeated_downwards(tmp_path: Path) -> None:
    rows = [["Прайс", None], ["Марка", "Модель"], ["BMW", "X5"], [None, "X3"], [None, "X1"], [None, "Веста"]]
    path = xlsx(tmp_path / "cars.xlsx", ("1", rows), merge="A3:A5")
    assert [list(row.cells.values()) for row in read(path)] == [
        ["BMW", "X5"], ["BMW", "X3"], ["BMW", "X1"], ["", "Веста"],
    ]  # fmt: skip


ODS_ROWS = (FILES / "ods_rows.xml").read_text("utf-8")


def ods(path: Path, rows: str, doctype: str = "") -> Path:
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", archives.ODS_TYPE)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?>{doctype}<office:document-content{spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="Лист1">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_an_ods_as_people_have_it(tmp_path: Path) -> None:
    path = ods(tmp_path / "cars.ods", ODS_ROWS)

    assert readers.inspect(path, path.name).sheets[0].header == ("Марка", "Модель", "Цена")
    assert [(row.number, *row.cells.values()) for row in read(path)] == [
        (5, "BMW", "X  5\nII", "25500"), (6, "BMW", "2018-03-01", "да"), (7, "A", "A", ""), (8, "A", "A", ""),
    ]  # fmt: skip


def test_an_ods_of_another_program_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cars.ods"
    path.write_bytes(tablib.Dataset(CAR, CAR, headers=HEADER).export("ods"))
    assert [row.cells for row in read(path)] == [dict(zip(HEADER, CAR, strict=True))] * 2


def test_the_auto_ru_dialect_gives_our_columns() -> None:
    path = FILES / "autoru.xml"
    source = readers.inspect(path, path.name)
    first, second = readers.rows(path, source)

    assert source.kind == Kind.AUTORU
    assert (first.number, second.number) == (1, 2)
    assert first.photos == ("https://cars.example/1.jpg", "https://cars.example/2.jpg")
    assert {name: text for name, text in first.cells.items() if text} == {
        "Номер в учётной системе": "1042", "VIN": "WBAKS410500J12345", "Марка": "BMW", "Модель": "X5",
        "Год выпуска": "2018", "Пробег, км": "85000", "Владельцев": "Один владелец", "Топливо": "дизель",
        "Объём двигателя, см³": "3.0 л", "Мощность, л.с.": "249", "Коробка передач": "автомат",
        "Привод": "полный привод", "Кузов": "Внедорожник 5 дв.", "Цвет": "чёрный", "Цена": "25500", "Валюта": "USD",
        "Растаможен": "растаможен", "Состояние": "отличное", "Описание": "Обслуживался у дилера.\n\nТорг.",
        "Контактное лицо": "Иван", "Контактный телефон": "+375291234567", "<generation>": "IV (G05)",
        "<wheel>": "левый", "<extras>": "ABS, Люк", "<availability>": "в наличии",
    }  # fmt: skip
    assert guess(source.sheets[0].header)["Марка"] == "make"
    assert "<extras>" not in guess(source.sheets[0].header)


def test_maxposter_gives_our_columns() -> None:
    path = FILES / "maxposter.xml"
    (row,) = read(path)

    assert row.photos == ("https://cars.example/1.jpg",)
    assert {name: text for name, text in row.cells.items() if text} == {
        "Номер в учётной системе": "77", "Складской номер": "S-1", "VIN": "WBAKS410500J12345", "Марка": "Volkswagen",
        "Модель": "Polo", "Год выпуска": "2016", "Состояние": "used", "Пробег, км": "60000 миль", "Топливо": "petrol",
        "Объём двигателя, см³": "1598", "Мощность, л.с.": "110", "Коробка передач": "robotized", "Привод": "front",
        "Кузов": "liftback", "Цвет": "azure", "Цена": "12500", "Цена до скидки": "13000", "Владельцев": "2",
        "Описание": "Хорошая машина", "<generation>": "VI", "<dealer>": "Салон",
    }  # fmt: skip


def test_json_is_read_piece_by_piece(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listings.exchange.readers.json_files.BLOCK", 7)
    path = file(
        "cars.json",
        '\ufeff [ {"make": "BMW", "price": 25500, "vat": true, "equipment": ["abs", "esp"], "owners": null} ,\n'
        '{"make": "Лада", "battery_kwh": 77.4, "price": 9000.0}\n]\n',
    )  # fmt: skip
    assert [(row.number, row.cells) for row in read(path)] == [
        (1, {"make": "BMW", "price": "25500", "vat": "да", "equipment": "abs; esp", "owners": "", "battery_kwh": ""}),
        (2, {"make": "Лада", "price": "9000", "vat": "", "equipment": "", "owners": "", "battery_kwh": "77.4"}),
    ]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><data>&b;</data>'
)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cars.csv", b"", "пуст|empty"),
        ("cars.csv", b"\x00\x01\x02" * 50, "знак|characters"),
        ("cars.csv", "Марка;Модель\r\nBMW;\x00X5\r\n".encode(), "знак|characters"),
        ("cars.csv", b"\xff\xfe\x00", "букв|letters"),
        ("cars.csv", b"\xef\xbb\xbf\xd0", "букв|letters"),
        ("cars.csv", "слово\r\n", "таблиц|table"),
        ("cars.csv", "Марка;Модель\r\nBMW;X5;лишнее\r\n", "2"),
        ("cars.csv", 'Марка;Модель\r\nBMW;"' + "X" * 40_000, "1"),
        ("cars.csv", "Марка;Модель\r\n" + ";".join("a" * 400), "2"),
        ("cars.xlsx", "Марка;Модель\r\nBMW;X5\r\n", "xlsx.*CSV"),
        ("cars.csv", BOMB, "DOCTYPE|тип|document type"),
        ("cars.xml", BOMB, "DOCTYPE|document type"),
        ("cars.xml", "<data><cars><car>", "XML"),
        ("cars.xml", "<Ads><Ad/></Ads>", "<Ads>"),
        ("cars.xml", "<data><cars/></data>", "автомоб|cars"),
        ("cars.xml", "<data><cars><car>" + "<a>" * 30 + "</a>" * 30 + "</car></cars></data>", "XML"),
        ("cars.xml", "<data><cars><car>" + "<a/>" * 6_000 + "</car></cars></data>", "XML"),
        ("cars.xml", f"<data><cars><car><vin>{'X' * 40_000}</vin></car></cars></data>", "1"),
        ("cars.html", "<!DOCTYPE html><html><table></table></html>", "страниц|web page"),
        ("cars.pdf", b"%PDF-1.4 abc", "PDF"),
        ("cars.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "xlsx"),
        (
            "cars.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "парол|password",
        ),
        ("cars.xlsx", b"PK\x03\x04" + b"\x00" * 100, "поврежд|damaged"),
        ("cars.json", '{"make": "BMW"}', r"\["),
        ("cars.json", '[{"make": "BMW"}', "1"),
        ("cars.json", '[{"make": "BMW"},', "2"),
        ("cars.json", '[{"make": "BMW"},]', "1"),
        ("cars.json", '[{"make": "BMW"} {}]', "1"),
        ("cars.json", "[{}, 5]", "2"),
        ("cars.json", '[{"make": {"a": 1}}]', "1"),
        ("cars.json", '[{"make": "\\u0000"}]', "1"),
        ("cars.json", '[{"make": "\\ud800"}]', "1"),
        ("cars.json", '[{"make": "BMW"}] x', "конц|end"),
        ("cars.json", '[{"make": ' + "[" * 100_000, "1"),
        ("cars.json", "[]", "автомоб|cars"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(file: Any, name: str, content: bytes | str, words: str) -> None:
    path = file(name, content)
    assert re.search(words, refusal(path)), refusal(path)


def test_a_file_of_a_gigabyte_is_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cars.csv"
    with path.open("wb") as handle:
        handle.truncate(1024**3)

    def fail(*args: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr(readers, "detect", fail)
    assert "1024" in refusal(path)


def zipped(path: Path, content: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "cars.xlsx", {"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 50_000_000})
    assert "47" in refusal(path)


def test_shared_texts_that_would_fill_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_SHARED", 1000)
    path = zipped(tmp_path / "cars.xlsx", {"xl/workbook.xml": b"<a/>", "xl/sharedStrings.xml": b"x" * 1001})
    assert "CSV" in refusal(path)


def test_an_archive_without_a_table_is_refused(tmp_path: Path) -> None:
    assert refusal(zipped(tmp_path / "cars.xlsx", {"photo.jpg": b""}))


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("damage", [b"", b"<broken", b"<?xml version='1.0'?><a/>", BOMB.encode()])
def test_a_damaged_workbook_is_refused(tmp_path: Path, part: str, damage: bytes) -> None:
    path = xlsx(tmp_path / "cars.xlsx", ("1", [HEADER, CAR]))
    with zipfile.ZipFile(path) as archive:
        content = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    zipped(path, content | {part: damage})
    assert refusal(path)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_workbook_that_was_cut_off_is_refused(tmp_path: Path, cut: float) -> None:
    path = xlsx(tmp_path / "cars.xlsx", ("1", [HEADER, CAR]))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    assert refusal(path)


def test_a_protected_ods_is_refused(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "cars.ods",
        {"mimetype": archives.ODS_TYPE, "META-INF/manifest.xml": b"<manifest:encryption-data/>", "content.xml": b"x"},
    )
    assert "парол" in refusal(path) or "password" in refusal(path)


def test_an_ods_with_entities_or_rows_without_end_is_refused(tmp_path: Path) -> None:
    assert refusal(ods(tmp_path / "a.ods", ODS_ROWS, '<!DOCTYPE a [<!ENTITY b "x">]>'))
    assert refusal(ods(tmp_path / "b.ods", ODS_ROWS.replace('repeated="2"', 'repeated="1000000"')))


def test_a_workbook_that_names_rows_far_away_is_read_to_its_end(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "cars.xlsx", ("1", [HEADER, CAR]))
    with zipfile.ZipFile(path) as archive:
        content = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    sheet = content["xl/worksheets/sheet1.xml"]
    content["xl/worksheets/sheet1.xml"] = sheet.replace(
        b"</sheetData>", b'<row r="4000000000"><c r="A4000000000"/></row></sheetData>'
    )
    assert "1048576" in refusal(zipped(path, content))


def test_too_many_rows_are_refused(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_ROWS", 3)
    assert len(read(file("cars.csv", lines(HEADER, *[CAR] * 3)))) == 3
    assert "3" in refusal(file("cars.csv", lines(HEADER, *[CAR] * 4)))
    assert "3" in refusal(file("cars.json", "[" + ",".join(['{"make": "BMW"}'] * 4) + "]"))
    assert "3" in refusal(file("cars.xml", "<data><cars>" + "<car><vin>1</vin></car>" * 4 + "</cars></data>"))


@pytest.mark.parametrize("name", ["cars.csv", "CARS.CSV", "cars.txt", ""])
def test_a_name_that_says_the_truth_or_nothing_is_taken(file: Any, name: str) -> None:
    path = file("upload", lines(HEADER, CAR))
    assert readers.inspect(path, name).kind == Kind.CSV
