"""Tables of trade as UN Comtrade, BACI and the customs of Korea and Japan publish them.

A file is read row by row, so that a year of the whole world fits; only the importer and the
products that are asked for are kept. Imports are used as the importer reports them: what an
exporter reports of the same trade would count it twice.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count as counter
from pathlib import Path
from typing import TextIO

import pandas as pd

from chainnet.addresses import MOST_OF_A_TABLE
from chainnet.errors import DataError, Fault, UsageError
from chainnet.exchange.places import is_world, place
from chainnet.exchange.reports import Ledger
from chainnet.exchange.sources import local, refuse
from chainnet.tables import clean

_LONGEST_LINE = 1_000_000
_MAX_KEPT = 2_000_000
_MAX_FAULTY = 100_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: One flow: period, exporter, importer, product, value, all as written.
Flow = tuple[str, str, str, str, str]
#: What a row tells: its flows, or why it tells none.
Told = list[Flow] | str


@dataclass(frozen=True)
class Trade:
    """Imports of countries, and what became of each row of their file.

    Parameters
    ----------
    flows
        ``period`` (year or year-month), ``exporter`` (blank: no single country), ``importer``,
        ``hs``, ``value``.
    unit
        Of the values.
    layout
        How the file is laid out.
    rows
        How many rows came in.
    asked
        How many of them are of the importers and products asked for.
    report
        ``file, row, code, value, message`` of each row not used as written.
    """

    flows: pd.DataFrame
    unit: str
    layout: str
    rows: int
    asked: int
    report: pd.DataFrame


@dataclass(frozen=True)
class _Layout:
    name: str
    unit: str
    columns: frozenset[str]
    read: Callable[[Mapping[str, str]], Told]
    japan: bool = False


def _comtrade(row: Mapping[str, str]) -> Told:
    if row["flowCode"] not in ("M", "import", "Import"):
        return "not-imports"
    for name, total in (("partner2Code", "0"), ("motCode", "0"), ("customsCode", "C00"), ("mosCode", "0")):
        if row.get(name, total) not in (total, ""):
            return "breakdown"
    exporter = row["partnerCode"] or row.get("partnerISO", "")
    return [(row["period"], exporter, row["reporterCode"], row["cmdCode"], row["primaryValue"])]


def _old_comtrade(row: Mapping[str, str]) -> Told:
    if row["Trade Flow"] not in ("Import", "Imports"):
        return "not-imports"
    ends = (row["Partner Code"], row["Reporter Code"])
    return [(row["Period"], *ends, row["Commodity Code"], row["Trade Value (US$)"])]


def _baci(row: Mapping[str, str]) -> Told:
    # Spreadsheets take the leading zero of the codes away.
    return [(row["t"], row["i"], row["j"], row["k"].zfill(6), row["v"])]


def _korea(row: Mapping[str, str]) -> Told:
    return [(row["기간"], row["국가"], "KOR", row["HS코드"], row["수입 금액"])]


def _korea_api(row: Mapping[str, str]) -> Told:
    partner = row.get("statCd", "") or row.get("statCdCntnKor1", "")
    return [(row["year"], partner, "KOR", row["hsCd"], row["impDlr"])]


def _japan(row: Mapping[str, str]) -> Told:
    if row["Exp or Imp"].lstrip("0") != "2":
        return "not-imports"
    hs, year, country = row["HS"].strip("' "), row["Year"], row["Country"]
    months = [(number, row.get(f"Value-{month}", "")) for number, month in enumerate(_MONTHS, start=1)]
    told = [(f"{year}-{number:02}", country, "JPN", hs, value) for number, value in months if value]
    return told or [(year, country, "JPN", hs, row["Value-Year"])]


def _plain(row: Mapping[str, str]) -> Told:
    return [(row["period"], row["exporter"], row["importer"], row["hs"], row["value"])]


def _layout(name: str, unit: str, columns: str, read: Callable[[Mapping[str, str]], Told]) -> _Layout:
    return _Layout(name, unit, frozenset(columns.split(",")), read, japan=read is _japan)


_LAYOUTS = (
    _layout("UN Comtrade", "USD", "period,reporterCode,flowCode,partnerCode,cmdCode,primaryValue", _comtrade),
    _layout(
        "UN Comtrade (until 2022)",
        "USD",
        "Period,Trade Flow,Reporter Code,Partner Code,Commodity Code,Trade Value (US$)",
        _old_comtrade,
    ),
    _layout("BACI", "thousand USD", "t,i,j,k,v", _baci),
    _layout("Korea Customs Service", "thousand USD", "기간,국가,HS코드,수입 금액", _korea),
    _layout("Korea Customs Service (API)", "USD", "year,hsCd,impDlr", _korea_api),
    _layout("Japan Customs", "thousand JPY", "Exp or Imp,Year,HS,Country,Value-Year", _japan),
    _layout("importer, exporter, hs, period, value", "as given", "importer,exporter,hs,period,value", _plain),
)
_WHY = {
    "not-imports": "tells exports: imports are used as the importer reports them",
    "breakdown": "breaks a total down by transport, customs procedure or second partner",
    "total": "is the total of all partners",
    "no-importer": "has an importer that is no single country",
    "not-a-number": "has a value that is no number of 0 or more",
    "no-product": "has no product code of 2 to 10 digits",
    "bad-period": "has a period that is neither a year nor a month",
    "row-width": "has another number of cells than the header",
    "total-of-products": "is the total of longer product codes of the same flow",
    "used-as-unknown": "has a partner that is no single country: its value counts as unknown",
}


def read_trade(
    path: str | Path, *, importer: str | None = None, hs: Iterable[str] = (), encoding: str | None = None
) -> Trade:
    r"""Read a table of trade.

    Parameters
    ----------
    path
        A CSV file as downloaded from UN Comtrade, BACI, Korea Customs Service or Japan Customs;
        or one with the columns ``importer, exporter, hs, period, value``.
    importer
        Only imports of this country; None keeps all.
    hs
        Only products whose code begins with one of these.
    encoding
        Its encoding where it is not UTF-8, such as ``cp949`` or ``cp932``.

    Returns
    -------
    Trade
        The imports, and what became of each row.

    Raises
    ------
    DataError
        The file cannot be read, is of no known layout, or mixes years and months.
    UsageError
        No such country or encoding.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "baci.csv").write_text("t,i,j,k,v,q\n2019,392,410,281111,10.5,2\n")
    ...     trade = read_trade(Path(folder, "baci.csv"))
    >>> trade.flows.to_numpy().tolist()
    [['2019', 'JPN', 'KOR', '281111', 10.5]]
    """
    file = local(path)
    if not file.is_file():
        refuse("no-file", "is not a file", str(path), "Give the path of a CSV file.")
    if file.stat().st_size > MOST_OF_A_TABLE:
        refuse(
            "too-large",
            f"has more than {MOST_OF_A_TABLE:,} bytes",
            str(path),
            "Take the years that you need.",
        )
    wanted = _country(importer) if importer else ""
    prefixes = (hs,) if isinstance(hs, str) else tuple(hs)
    for code in prefixes:
        if not code.isdigit():
            raise UsageError(f"{code!r} is not an HS code; write its digits, such as 2811.")
    try:
        with file.open(encoding=encoding or "utf-8-sig", newline="") as stream:
            return _read(csv.reader(_lines(stream, file.name), strict=True), file.name, wanted, prefixes)
    except LookupError as error:
        raise UsageError(f"no encoding {encoding!r}; try cp949, cp932 or utf-16.") from error
    except UnicodeError:
        refuse("encoding", f"is not {encoding or 'UTF-8'}", file.name, _guess(file))
    except csv.Error as error:
        refuse("broken-csv", f"is not well-formed CSV: {error}", file.name, "Is it a text file?")
    except OSError as error:
        refuse("unreadable", f"cannot be read: {error.strerror}", file.name, "Look at its permissions.")


def _lines(stream: TextIO, file: str) -> Iterator[str]:
    """Yield the lines of a text; a line without end does not fill the memory."""
    while line := stream.readline(_LONGEST_LINE):
        if "\0" in line:
            refuse("nul-byte", "holds a NUL byte", file, "Is it a text file?")
        if len(line) == _LONGEST_LINE:
            refuse("broken-csv", f"has a line of more than {_LONGEST_LINE:,} letters", file, "Is it CSV?")
        yield line


def _country(text: str) -> str:
    code = place(text)
    if not code:
        raise UsageError(f"no country {text!r}; write a code such as KOR, or a name.")
    return code


def _guess(file: Path) -> str:
    """Say in which encodings the head of a file makes sense; never choose one."""
    with file.open("rb") as stream:
        head = stream.read(1 << 20).rpartition(b"\n")[0]
    guesses = []
    for name in ("cp949", "cp932", "utf-16"):
        try:
            head.decode(name)
        except UnicodeError:
            continue
        guesses.append(name)
    return f"It may be {' or '.join(guesses)}: say so by --encoding." if guesses else "Save it as UTF-8."


def _read(rows: Iterator[list[str]], file: str, wanted: str, prefixes: tuple[str, ...]) -> Trade:
    header = [clean(name) for name in next(rows, [])]
    layout = next((each for each in _LAYOUTS if each.columns <= set(header)), None)
    if layout is None or len(set(header)) < len(header):
        known = "; ".join(f"{each.name}: {', '.join(sorted(each.columns))}" for each in _LAYOUTS)
        refuse("unknown-layout", "is no table of trade that is known here", f"{file}:1", f"Known: {known}.")
    ledger, faulty = Ledger(), counter(1)

    def say(line: int, code: str, value: str) -> None:
        if code in _FAULTY and next(faulty) > _MAX_FAULTY:
            refuse("too-many-faults", f"has more than {_MAX_FAULTY:,} rows that are faulty", file, _SAMPLE)
        ledger.say((file, line), code, value, _WHY[code])

    kept: list[tuple[int, tuple[str, str, str, str, float]]] = []
    count = asked = 0
    for line, cells in enumerate(rows, start=2):
        if not cells:
            continue
        count += 1
        fits = len(cells) == len(header)
        told = layout.read(dict(zip(header, map(str.strip, cells), strict=True))) if fits else "row-width"
        code, flows, value = _understood(told, layout, wanted, prefixes)
        asked += code != "not-asked"
        if code and code != "not-asked":
            say(line, code, value)
        kept += [(line, flow) for flow in flows]
        if len(kept) > _MAX_KEPT:
            refuse("too-large", f"has more than {_MAX_KEPT:,} flows", file, "Ask for an importer or product.")
    kept = _finest(kept, say)
    frame = pd.DataFrame(
        [flow for _, flow in kept], columns=["period", "exporter", "importer", "hs", "value"]
    )
    lengths = {len(period) for period in frame["period"]}
    if len(lengths) > 1:
        raise DataError([Fault("mixed-periods", "mixes years and months", file, remedy="Keep one of them.")])
    return Trade(frame, layout.unit, layout.name, count, asked, ledger.table())


#: Of these a file that is what it says it is has few.
_FAULTY = frozenset({"row-width", "no-importer", "no-product", "bad-period", "not-a-number"})
_SAMPLE = "Look at the first rows: is it the right file?"


def _understood(
    told: Told, layout: _Layout, wanted: str, prefixes: tuple[str, ...]
) -> tuple[str, list[tuple[str, str, str, str, float]], str]:
    """Return what is to be said of a row (or nothing), its flows, and the cell that it is said of."""
    if isinstance(told, str):
        return told, [], ""
    flows = []
    said = ("", "")
    for flow in told:
        period, exporter, importer, hs, text = flow
        to = place(importer)
        if to and ((wanted and to != wanted) or (prefixes and not hs.startswith(prefixes))):
            return "not-asked", [], ""
        wrong = _wrong(flow)
        if wrong:
            return wrong[0], [], wrong[1]
        source = place(exporter, japan=layout.japan)
        said = said if source else ("used-as-unknown", exporter)
        flows.append((_period(period), source, to, hs, _amount(text)))
    return said[0], flows, said[1]


def _wrong(flow: Flow) -> tuple[str, str] | None:
    """Return why a flow cannot be used, and the cell that says so."""
    period, exporter, importer, hs, text = flow
    checks = (
        ("no-importer", not place(importer), importer),
        ("total", is_world(exporter), exporter),
        ("no-product", not (hs.isascii() and hs.isdigit() and 2 <= len(hs) <= 10), hs),
        ("bad-period", not _period(period), period),
        ("not-a-number", math.isnan(_amount(text)), text),
    )
    return next(((code, cell) for code, wrong, cell in checks if wrong), None)


def _period(text: str) -> str:
    digits = text.replace(".", "").replace("-", "").replace("/", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in (4, 5, 6)):
        return ""
    year, month = digits[:4], digits[4:]
    if not month:
        return year
    return f"{year}-{int(month):02}" if 1 <= int(month) <= 12 else ""


def _amount(text: str) -> float:
    try:
        amount = float(text.replace(",", "")) if "_" not in text else math.nan
    except ValueError:
        return math.nan
    return amount if math.isfinite(amount) and amount >= 0 else math.nan


def _finest(
    kept: list[tuple[int, tuple[str, str, str, str, float]]], say: Callable[[int, str, str], None]
) -> list[tuple[int, tuple[str, str, str, str, float]]]:
    """Leave out totals of longer codes: 2811 beside 281111 would count the same trade twice."""
    wider = {
        (period, exporter, importer, hs[:length])
        for _, (period, exporter, importer, hs, _) in kept
        for length in range(2, len(hs))
    }
    found = []
    told: set[int] = set()
    for line, flow in kept:
        if flow[:4] not in wider:
            found.append((line, flow))
        elif line not in told:
            told.add(line)
            say(line, "total-of-products", flow[3])
    return found
