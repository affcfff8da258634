import pytest

from stromal.tables.labs import LABS
from stromal.tables.late_header import find_late_header

NAMES = ("Patient ID", "Sample date", "PLT")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_names_below_other_text_are_found(tmp_path, separator):
    path = tmp_path / "labs.csv"
    path.write_text(f"Report\n\nPrinted today\n{separator.join(NAMES)}\n1{separator}7\n")
    assert find_late_header(path, LABS) == (4, NAMES)


@pytest.mark.parametrize(
    "data", [b"", b"nothing\nhere\n", b"PLT\n", b"\xff\xfe\x00\x00", b'"unclosed\n', b"\n" * 99]
)
def test_nothing_is_found_where_nothing_is(tmp_path, data):
    path = tmp_path / "labs.csv"
    path.write_bytes(data)
    assert find_late_header(path, LABS) is None
