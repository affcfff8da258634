"""Files are there whole or not at all."""

from __future__ import annotations

from threading import Thread

import pytest

from stromal.store.files import put_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_put_in_place_of_another(tmp_path):
    for text in (b"first", b"second"):
        put_whole(tmp_path / "table", lambda file, text=text: file.write(text))
        assert (tmp_path / "table").read_bytes() == text
    assert names(tmp_path) == ["table"]


def test_an_error_in_the_middle_leaves_what_was_there(tmp_path):
    put_whole(tmp_path / "table", lambda file: file.write(b"first"))

    def break_off(file):
        file.write(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        put_whole(tmp_path / "table", break_off)
    assert (tmp_path / "table").read_bytes() == b"first"
    assert names(tmp_path) == ["table"]


@pytest.mark.parametrize("place", ["folder", "file/table"])
def test_a_place_that_cannot_be_written_is_an_error(tmp_path, place):
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"")
    before = names(tmp_path)
    with pytest.raises(OSError, match=place.partition("/")[0]):
        put_whole(tmp_path / place, lambda file: file.write(b"x"))
    assert names(tmp_path) == before


def test_threads_that_write_one_file_leave_one_whole(tmp_path):
    contents = [bytes([number]) * 100_000 for number in range(8)]
    threads = [
        Thread(target=put_whole, args=(tmp_path / "table", lambda file, c=content: file.write(c)))
        for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "table").read_bytes() in contents
    assert names(tmp_path) == ["table"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    put_whole(tmp_path / "whole", lambda file: file.write(b""))
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode
