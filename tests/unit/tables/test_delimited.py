import pytest

from stromal.errors import InvalidInput
from stromal.tables import delimited
from stromal.tables.delimited import read_delimited

KNOWN = ("subject", "day", "detail")


def read(tmp_path, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    header, chunks = read_delimited(path, KNOWN, "a.csv")
    return header, list(chunks)


def records(chunks):
    return [row for chunk in chunks for row in chunk.cells.rows()]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_dialect_gives_the_same_records(tmp_path, separator, end, encoding):
    lines = ["subject|day|detail", '1|0|"a', 'b"', "2|1|ü"]
    data = end.join(lines).replace("|", separator).encode(encoding)
    header, chunks = read(tmp_path, data)
    assert (header.names, header.separator, header.row) == (KNOWN, separator, 1)
    assert records(chunks) == [("1", "0", "a\nb"), ("2", "1", "ü")]
    assert [row for chunk in chunks for row in chunk.rows.tolist()] == [2, 3]


def test_blocks_are_cut_where_records_end(tmp_path, monkeypatch):
    lines = [f'{n},{n},"x\r\n""{n}"""' for n in range(500)]
    data = "subject,day,detail\r\n" + "\r\n".join(lines)
    whole = records(read(tmp_path, data)[1])
    for size in (7, 64, 1000):
        monkeypatch.setattr(delimited, "BLOCK_BYTES", size)
        _, chunks = read(tmp_path, data)
        assert len(chunks) > 1
        assert records(chunks) == whole
        assert [r for c in chunks for r in c.rows.tolist()] == list(range(2, 502))
    assert whole[7] == ("7", "7", 'x\n"7"')


def test_blank_lines_and_rows_of_another_width_are_told_apart(tmp_path):
    _, (chunk,) = read(tmp_path, "subject,day,detail\n1,2,3\n\n  \n1,2\n1,2,3,4\n4,5,6\n")
    assert records([chunk]) == [("1", "2", "3"), ("4", "5", "6")]
    assert chunk.rows.tolist() == [2, 7]
    assert chunk.blank.tolist() == [3, 4]
    assert chunk.ragged.tolist() == [[5, 2], [6, 4]]


def test_a_line_may_name_the_separator(tmp_path):
    header, chunks = read(tmp_path, "\nsep=;\nsubject;day;detail\n1;2;3\n")
    assert header.row == 3
    assert chunks[0].rows.tolist() == [4]


@pytest.mark.parametrize(
    ("data", "message", "row"),
    [
        (b"", "is empty", None),
        (b"\n\n", "is empty", None),
        (b"subject,day\n1,\xe4\n", "is not UTF-8: byte 0xE4", 2),
        (b"subject,day\n1,2\n1,\0\n", "null byte", 3),
        (b"PK\x03\x04rest", "workbook", None),
        (b'subject,day\n1,"2\n3,4\n', "opened and not closed", 2),
        (b'subject,day\n1,2\n5" 6",4\n', "stands inside a cell", 3),
        (b"\xff\xfes", "begins as UTF-16", None),
    ],
)
def test_what_is_not_a_table_is_said_with_its_row(tmp_path, data, message, row):
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, data)
    (issue,) = caught.value.issues
    assert message in issue.message
    assert issue.row == row


def test_a_record_without_end_does_not_fill_the_memory(tmp_path):
    with pytest.raises(InvalidInput, match="not closed"):
        read(tmp_path, b'subject,day\n1,"' + b"x" * (2 * delimited.MAX_RECORD_BYTES))


def test_too_many_columns_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="columns"):
        read(tmp_path, "x," * 2000)


def test_rows_that_make_up_for_each_other_are_ragged_all_the_same(tmp_path):
    """As many separators as there should be, in the wrong rows."""
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n1,2,3,4\n1,2\n5,6,7\n")
    header, chunks = read_delimited(path, ["a", "b", "c"], "a.csv")
    (chunk,) = chunks
    assert len(header.names) == 3
    assert chunk.ragged.tolist() == [[3, 4], [4, 2]]
    assert chunk.rows.tolist() == [2, 5]
