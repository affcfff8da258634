import os

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.tables.events import EVENTS
from stromal.tables.labs import LABS
from stromal.tables.read_table import read_table
from stromal.tables.schema import Column, Kind

HEADER = "subject,day,analyte,value,unit\n"

BROKEN = {
    "wrong cells": HEADER + "1,abc,platelets,<5,10^9/L\n,2024-01-31,platelets,inf,10^9/L\n",
    "ragged rows": HEADER + "1,0,platelets,1,5,10^9/L\n1,0\n",
    "missing and unknown columns": "subject,day,analyt,value,unit\n1,0,platelets,5,10^9/L\n",
    "mixed decimals": HEADER.replace(",", ";") + "1;0;crp;0,5;mg/L\n1;1;crp;0.5;mg/L\n",
    "thousands or decimals": HEADER.replace(",", "\t") + "1\t0\tplatelets\t250,000\t/uL\n",
    "thousands in a comma file": HEADER + '1,0,platelets,"1,234",/uL\n',
    "no columns": "a b c\n1 2 3\n",
    "header only": HEADER,
    "nothing": "",
    "unclosed quotation mark": HEADER + '1,0,"platelets,5,10^9/L\n',
    "many": HEADER + "1,x,platelets,5,10^9/L\n" * 12_360,
}


def read(tmp_path, text, schema=LABS):
    path = tmp_path / "labs.csv"
    path.write_bytes(text.encode())
    return read_table(path, schema)


def test_messages(tmp_path, snapshot):
    said = []
    for name, text in BROKEN.items():
        issues = read(tmp_path, text)[1]
        assert issues, name
        shown = issues if len(issues) < 12 else (*issues[:2], *issues[-1:])
        said.append("\n".join([f"# {name}", *map(str, shown)]))
    assert "\n\n".join(said) == snapshot


def test_rows_are_those_of_the_file_though_lines_are_blank(tmp_path):
    frame, issues, file = read(
        tmp_path, "\n" + HEADER + "\n1,0,crp,1,mg/L\n,,,,\n2,0,crp,1,mg/L\n\n3,0,crp,x,mg/L\n\n\n"
    )
    assert frame["subject"].to_list() == ["1", "2", "3"]
    assert [file.row(position) for position in range(3)] == [4, 6, 8]
    assert [issue.row for issue in issues] == [8]


def test_a_proven_decimal_comma_settles_the_others(tmp_path):
    text = HEADER.replace(",", ";") + "1;0;crp;1,234;mg/L\n1;1;crp;0,5;mg/L\n"
    frame, issues, _ = read(tmp_path, text)
    assert frame["value"].to_list() == [1.234, 0.5]
    assert issues == ()


def test_covariates_follow_the_columns_of_the_schema(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("ward,subject,day,event\n5,1,0,death\n")
    frame, issues, _ = read_table(path, EVENTS, [Column("ward", Kind.NUMBER, "ward", "1")])
    assert frame.columns == [*EVENTS.names, "ward"]
    assert frame["ward"].to_list() == [5.0]
    assert issues == ()


def test_what_is_not_a_file_is_said(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name, message in (
        ("none.csv", "there is no such file"),
        ("folder.csv", "is a folder"),
        ("pipe.csv", "is not an ordinary file"),
    ):
        frame, (issue,), _ = read_table(tmp_path / name, LABS)
        assert frame is None
        assert message in issue.message


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    (tmp_path / "secret.csv").write_text(HEADER + "1,0,crp,1,mg/L\n")
    (study / "own.csv").write_text(HEADER + "1,0,crp,1,mg/L\n")
    (study / "out.csv").symlink_to(tmp_path / "secret.csv")
    (study / "in.csv").symlink_to(study / "own.csv")
    (study / "loop.csv").symlink_to(study / "loop.csv")
    assert "symbolic link" in read_table(study / "out.csv", LABS)[1][0].message
    assert read_table(study / "in.csv", LABS)[1] == ()
    assert read_table(study / "loop.csv", LABS)[0] is None


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12).map(
    lambda text: text.strip()
)
NUMBER = st.none() | st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: number + 0.0)
ROWS = st.lists(st.tuples(st.integers(0, 99).map(str), NUMBER, TEXT, TEXT), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    separator=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    style=st.sampled_from(["necessary", "always"]),
)
def test_any_dialect_reads_back_the_same_frame(
    tmp_path_factory, rows, separator, end, encoding, style
):
    written = {"subject": pl.String, "day": pl.Float64, "event": pl.String, "detail": pl.String}
    frame = pl.DataFrame(rows, schema=written, orient="row")
    text = frame.write_csv(separator=separator, line_terminator="\n", quote_style=style)
    path = tmp_path_factory.mktemp("dialect") / "events.csv"
    path.write_bytes(text.replace("\n", end).encode(encoding))
    read_back, issues, _ = read_table(path, EVENTS)
    missing = ["", "NA", "NaN", "nan", "."]
    expected = frame.with_columns(
        pl.when(~pl.col(name).str.strip_chars().is_in(missing)).then(pl.col(name).str.strip_chars())
        for name in ("subject", "event", "detail")
    )
    assert read_back.equals(EVENTS.conform(expected))
    assert all("empty" in issue.message or "like this" in issue.message for issue in issues)


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "."])
def test_missing_cells_are_null(tmp_path, missing):
    frame, issues, _ = read(tmp_path, HEADER + f"1,0,crp,{missing},mg/L\n")
    assert frame["value"].to_list() == [None]
    assert issues == ()
