"""Tables: bytes to typed columns and back, every fault named, whole files or none."""

from __future__ import annotations

import csv
import io
import math
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet.schema import TABLES, Column, Table
from chainnet.tables import (
    MAX_BYTES,
    clean,
    empty_frame,
    format_cell,
    parse_csv,
    read_table,
    records,
    table_csv,
    typed_frame,
    write_bytes,
    write_text,
)

#: One column of each kind.
THINGS = Table(
    "things",
    "Made for tests.",
    ("thing",),
    (
        Column("thing", "id", "Identifier.", required=True),
        Column("name", "text", "Name."),
        Column("colour", "text", "Colour.", allowed=("red", "green")),
        Column("refs", "id", "Several identifiers.", many=True),
        Column("place", "country", "Country."),
        Column("size", "number", "Size."),
        Column("wait", "number", "Waiting time.", unit="days"),
        Column("part", "share", "Share."),
        Column("year", "year", "Year."),
        Column("since", "date", "Date."),
        Column("buyer", "id", "Firm or country.", to=("firms", "countries")),
    ),
)


def thing(**cells):
    return dict.fromkeys(THINGS.by_name, "") | {"thing": "one"} | cells


def read(text, table=THINGS):
    """A table as read from text."""
    rows, faults = parse_csv(text.encode("utf-8"), table.file)
    header = rows[0][1]
    frame, more = typed_frame(
        [(line, dict(zip(header, cells, strict=True))) for line, cells in rows[1:]], table
    )
    return frame, faults + more


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def codes(faults):
    return [fault.code for fault in faults]


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("  Samsung ", "Samsung"),
        ("Sam\u200bsung\x1b[31m", "Samsung[31m"),
        ("two\nlines", "two lines"),
        ("two\r\nlines\tand a tab", "two lines and a tab"),
        ("\n", ""),
        ("ᄉ\u200bᅡᆷ성", "삼성"),
        ("ガ", "ガ"),
        ("e\u0301", "é"),
        ("東京　エレクトロン", "東京　エレクトロン"),
        ("ＴＥＬ", "ＴＥＬ"),
        ("NA", "NA"),
        ("=1+1", "=1+1"),
    ],
)
def test_a_cell_is_kept_readable(cell, kept):
    assert clean(cell) == kept


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@given(st.floats())
def test_a_number_is_written_as_what_reads_back(number):
    cell = format_cell(number)
    assert cell == "" if math.isnan(number) else float(cell) == number


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("thing", "a-1_b.c", "a-1_b.c"),
        ("name", "007", "007"),
        ("name", 'a, "b"; c', 'a, "b"; c'),
        ("colour", "red", "red"),
        ("refs", "a;b", "a;b"),
        ("place", "KOR", "KOR"),
        ("size", "-1.5e3", -1500.0),
        ("wait", "0", 0.0),
        ("part", "1", 1.0),
        ("year", "2024", 2024.0),
        ("since", "2024-02-29", "2024-02-29"),
        ("since", "2024", "2024"),
        ("buyer", "KOR", "KOR"),
        ("buyer", "samsung", "samsung"),
    ],
)
def test_what_a_column_takes(column, cell, value):
    frame, faults = typed_frame([(2, thing(**{column: cell}))], THINGS)
    assert faults == []
    assert frame.loc[2, column] == value


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("thing", "", "missing-value"),
        ("thing", "Samsung", "bad-id"),
        ("thing", "삼성", "bad-id"),
        ("thing", "../x", "bad-id"),
        ("thing", ".x", "bad-id"),
        ("thing", "a" * 65, "bad-id"),
        ("thing", "JPN", "bad-id"),
        ("colour", "blue", "not-allowed"),
        ("refs", "a;;b", "bad-id"),
        ("place", "JP", "unknown-country"),
        ("place", "JAP", "unknown-country"),
        ("size", "1,5", "not-a-number"),
        ("size", "1_000", "not-a-number"),
        ("size", "nan", "not-a-number"),
        ("size", "inf", "not-a-number"),
        ("size", "1e999", "not-a-number"),
        ("size", "12 %", "not-a-number"),
        ("wait", "-1", "negative"),
        ("part", "12", "share-range"),
        ("part", "-0.1", "share-range"),
        ("year", "24", "bad-year"),
        ("year", "2024.5", "bad-year"),
        ("since", "2024-13", "bad-date"),
        ("since", "01/02/2024", "bad-date"),
    ],
)
def test_what_a_column_refuses_becomes_unknown(column, cell, code):
    frame, faults = typed_frame([(7, thing(**{column: cell}))], THINGS)
    assert codes(faults) == [code]
    assert (faults[0].file, faults[0].row, faults[0].column, faults[0].value) == (
        "things.csv",
        7,
        column,
        cell,
    )
    assert not faults[0].warning
    value = frame.loc[7, column]
    assert math.isnan(value) if THINGS.by_name[column].numeric else value == ""


@pytest.mark.parametrize(
    ("name", "code"), [("NaN", "looks-missing"), ("null", "looks-missing"), ("S\u0430msung", "mixed-script")]
)
def test_an_odd_name_is_kept_with_a_warning(name, code):
    frame, faults = typed_frame([(2, thing(name=name))], THINGS)
    assert [(fault.code, fault.warning) for fault in faults] == [(code, True)]
    assert frame.loc[2, "name"] == name


def test_a_table_without_rows_has_its_columns():
    frame = empty_frame(THINGS)
    assert list(frame.columns) == list(THINGS.by_name)
    assert len(frame) == 0
    assert frame["size"].dtype == "float64"


# --- files -------------------------------------------------------------------------------------


def test_every_row_bears_its_line():
    rows, faults = parse_csv(b'a,b\n"x\ny",1\n\n\nz,2\n', "x.csv")
    assert faults == []
    assert rows == [(1, ["a", "b"]), (2, ["x\ny", "1"]), (6, ["z", "2"])]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_will_do(end):
    assert parse_csv(end.join([b"a,b", b"1,2", b""]), "x.csv")[0] == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_a_byte_order_mark_is_skipped_with_a_warning():
    rows, faults = parse_csv("\ufeffa\n1\n".encode(), "x.csv")
    assert rows == [(1, ["a"]), (2, ["1"])]
    assert [(fault.code, fault.warning) for fault in faults] == [("byte-order-mark", True)]


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b"", "empty-file", 1),
        (b"\n\n", "empty-file", 1),
        (b"a\n\x00\n", "nul-byte", 2),
        (b'a\n1\n"2\n', "broken-csv", 3),
        (b'a\n"1"2\n', "broken-csv", 2),
        ("a\n1\n삼성\n".encode("cp949"), "encoding", 3),
        ("a\n東京\n".encode("cp932"), "encoding", 2),
    ],
)
def test_what_is_no_table_is_said_with_its_line(data, code, row):
    rows, faults = parse_csv(data, "x.csv")
    assert rows == []
    assert [(fault.code, fault.row) for fault in faults] == [(code, row)]


@pytest.mark.parametrize(("encoding", "text"), [("cp949", "삼성전자"), ("cp932", "東京エレクトロン")])
def test_the_encoding_that_it_may_be_is_named(encoding, text):
    _, (fault,) = parse_csv(f"a\n{text}\n".encode(encoding), "x.csv")
    assert encoding in fault.remedy


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ([name for name in THINGS.by_name if name != "size"], ["missing-column"]),
        ([*THINGS.by_name, "weight"], ["unknown-column"]),
        ([*THINGS.by_name, "size"], ["duplicate-column"]),
        (["thing;name;size"], ["missing-column"] * len(THINGS.columns) + ["unknown-column"]),
    ],
)
def test_a_header_that_is_not_the_tables_is_a_fault(tmp_path, header, found):
    path = tmp_path / "things.csv"
    path.write_text(",".join(header) + "\n", encoding="utf-8")
    frame, faults = read_table(path, THINGS)
    assert frame is None
    assert codes(faults) == found


def test_the_order_of_columns_does_not_matter(tmp_path):
    names = list(reversed(THINGS.by_name))
    row = thing(name="Ring", part="0.5")
    path = tmp_path / "things.csv"
    path.write_text(",".join(names) + "\n" + ",".join(row[name] for name in names) + "\n", encoding="utf-8")
    frame, faults = read_table(path, THINGS)
    assert faults == []
    assert list(frame.columns) == list(THINGS.by_name)
    assert frame.loc[2, ["name", "part"]].tolist() == ["Ring", 0.5]


def test_a_row_of_another_width_is_reported_and_the_others_are_read(tmp_path):
    path = tmp_path / "things.csv"
    width = len(THINGS.columns)
    lines = [list(THINGS.by_name), ["one"] + [""] * (width - 1), ["two", "x"], ["three"] + [""] * (width - 1)]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    frame, faults = read_table(path, THINGS)
    assert frame["thing"].to_dict() == {2: "one", 4: "three"}
    assert [(fault.code, fault.row) for fault in faults] == [("row-width", 3)]


def test_a_missing_or_huge_file_is_a_fault(tmp_path):
    frame, faults = read_table(tmp_path / "things.csv", THINGS)
    assert frame is None
    assert codes(faults) == ["unreadable"]
    with (tmp_path / "things.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # a hole, not a byte more on the disk
    frame, faults = read_table(tmp_path / "things.csv", THINGS)
    assert frame is None
    assert codes(faults) == ["too-large"]


# --- round trip --------------------------------------------------------------------------------

#: Text as people and programs leave it: commas, quotes, line breaks, three scripts, odd spaces.
TEXT = st.one_of(
    st.text(max_size=12),
    st.lists(
        st.sampled_from(
            [
                *",\";'\n\r\t =@",
                "a",
                "7",
                "é",
                "e\u0301",
                "삼성",
                "東京",
                "ﾚｿﾞ",
                "㈱",
                "\u200b",
                "\x1b",
                "😀",
                "\u2028",
            ]
        ),
        max_size=10,
    ).map("".join),
).filter(lambda text: "\0" not in text)
IDS = st.from_regex(r"[a-z0-9][a-z0-9_.\-]{0,9}", fullmatch=True)
CELLS = {
    "id": IDS,
    "text": TEXT,
    "country": st.sampled_from(["JPN", "KOR", "TWN"]),
    "number": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "share": st.floats(0, 1).map(repr),
    "year": st.integers(1900, 2200).map(str),
    "date": st.sampled_from(["2024", "2024-02", "2024-02-29"]),
}


def cells_of(column: Column):
    if column.allowed:
        known = st.sampled_from(column.allowed)
    elif column.unit == "days":
        known = st.floats(0, 1e6).map(repr)
    elif column.kind == "text" and column.required:
        known = TEXT.map(lambda text: "x" + text)
    elif column.many and column.kind == "id":
        known = st.lists(IDS, min_size=1, max_size=3).map(";".join)
    else:
        known = CELLS[column.kind]
    return known if column.required else st.one_of(st.just(""), known)


def rows_of(table: Table):
    return st.lists(st.fixed_dictionaries({c.name: cells_of(c) for c in table.columns}), max_size=5)


@settings(max_examples=40)
@given(st.data(), st.sampled_from([*TABLES.values(), THINGS]))
def test_what_is_written_reads_back_as_it_was(data, table):
    rows = data.draw(rows_of(table))
    frame, faults = typed_frame(enumerate(rows, start=2), table)
    assert [fault for fault in faults if not fault.warning] == []
    text = table_csv(frame, table)
    again, faults = read(text, table)
    assert [fault for fault in faults if not fault.warning] == []
    # Nothing that is kept breaks a line, so a row's line is its number.
    pd.testing.assert_frame_equal(again, frame)
    assert table_csv(again, table) == text


@settings(max_examples=40)
@given(st.data())
def test_any_csv_writers_file_reads_as_its_cells(data):
    rows = data.draw(rows_of(THINGS))
    frame, _ = typed_frame(enumerate(rows, start=2), THINGS)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(THINGS.by_name)
    writer.writerows([row[name] for name in THINGS.by_name] for row in rows)
    again, _ = read(out.getvalue())
    pd.testing.assert_frame_equal(again.reset_index(drop=True), frame.reset_index(drop=True))


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd_to_be_read_or_refused(data):
    rows, faults = parse_csv(data, "x.csv")
    assert rows or any(not fault.warning for fault in faults)


def test_rows_as_dictionaries():
    frame, _ = typed_frame([(2, thing(size="1")), (3, thing(thing="two"))], THINGS)
    one, two = records(frame)
    assert (one["thing"], one["size"]) == ("one", 1.0)
    assert two["thing"] == "two"
    assert math.isnan(two["size"])


# --- whole files or none -----------------------------------------------------------------------


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "out.txt"
    write_text(path, "삼성\n")
    assert path.read_bytes() == "삼성\n".encode()
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert files(tmp_path) == ["out.txt"]


def test_a_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "usual").write_text("")
    write_text(tmp_path / "ours", "")
    mode = stat.S_IMODE((tmp_path / "usual").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == mode


@pytest.mark.parametrize("step", ["fsync", "replace", "interrupted"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "out.txt"
    path.write_text("old")

    def full(*_):
        raise KeyboardInterrupt if step == "interrupted" else OSError("no space left on device")

    if step == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyboardInterrupt if step == "interrupted" else OSError):
        write_bytes(path, b"new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert files(tmp_path) == ["out.txt"]


def test_text_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud800")
    assert path.read_text() == "old"
    assert files(tmp_path) == ["out.txt"]


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_text(tmp_path / "nowhere" / "out.txt", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_or_a_device_is_written_to_and_stays(tmp_path):
    """As for root a file would be put in the place of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as other:
        read = other.submit(pipe.read_bytes)
        write_bytes(pipe, b"losses")
        assert read.result(timeout=300) == b"losses"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_where_a_link_stands_its_file_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far/result.csv").write_text("old")
    (tmp_path / "result.csv").symlink_to(tmp_path / "far/result.csv")
    write_text(tmp_path / "result.csv", "new")
    assert (tmp_path / "result.csv").is_symlink()
    assert (tmp_path / "far/result.csv").read_text() == "new"
