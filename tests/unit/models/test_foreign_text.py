from __future__ import annotations

import codecs

import pytest

from stromal.errors import InvalidInput
from stromal.models import foreign_text
from stromal.models.foreign_text import check_text, check_xml, read_bytes

BOMB = '<!DOCTYPE sbml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sbml>&b;</sbml>'
OUTSIDE = '<!DOCTYPE sbml [<!ENTITY a SYSTEM "file:///etc/hostname">]><sbml>&a;</sbml>'
BARE = "<!DOCTYPE sbml><sbml/>"
ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8-sig": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "latin": lambda text: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + text.encode(),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("text", [BOMB, OUTSIDE, BARE])
def test_document_types_and_entities_are_refused(text, encode):
    with pytest.raises(InvalidInput, match="document type or entities"):
        check_xml(encode(text))


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_plain_documents_are_read_in_every_encoding(encode):
    assert check_xml(encode("<sbml/>")).endswith("<sbml/>")


def test_the_declared_encoding_is_used_and_replaced():
    text = check_xml('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xe9</a>'.encode("latin-1"))
    assert text == '<?xml version="1.0" encoding="UTF-8"?>\n<a>\xe9</a>'


def test_inclusions_are_refused():
    space = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
    with pytest.raises(InvalidInput, match="includes another one"):
        check_xml(f'<sbml {space}><xi:include href="other.xml"/></sbml>')


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<a>", "row 1: this is not well-formed XML"),
        (b"<a>\n<b></a>", "row 2: this is not well-formed XML"),
        (b"\xff\xfe<", "cannot be read as utf-16"),
        (b"<a>\xff</a>", "cannot be read as utf-8"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>+ADw', "not well-formed"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "cannot be read as no-such"),
        ("<a>\0</a>", "row 1: the text has a null character"),
        (b"<a>\0</a>", "not well-formed"),
        ("<a>\n\ud800</a>", "row 2: the text has half of a character"),
    ],
)
def test_what_is_not_xml_is_an_issue(data, message):
    with pytest.raises(InvalidInput, match=message):
        check_xml(data)


def test_depth_is_limited():
    with pytest.raises(InvalidInput, match="nested more than 300 deep"):
        check_xml("<a>" * 301 + "</a>" * 301)
    check_xml("<a>" * 300 + "</a>" * 300)


def test_size_is_limited(monkeypatch, tmp_path):
    monkeypatch.setattr(foreign_text, "LARGEST_BYTES", 1_000_000)
    path = tmp_path / "model.xml"
    path.write_bytes(b" " * 1_000_001)
    long = " " * 1_000_001
    for read in (lambda: read_bytes(path), lambda: check_xml(long), lambda: check_text(long)):
        with pytest.raises(InvalidInput, match="larger than 1 MB"):
            read()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InvalidInput, match=r"nothing\.xml: the file cannot be read"):
        read_bytes(tmp_path / "nothing.xml")


@pytest.mark.parametrize("name", ["a\0.xml", "folder"])
def test_names_that_no_readable_file_has(name, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidInput, match="the file cannot be read") as caught:
        read_bytes(tmp_path / name)
    hint = "give one file in it" if name == "folder" else "check its path"
    assert (caught.value.issues[0].table, caught.value.issues[0].hint) == (name, hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\n\0", "m.ant row 2: the text has a null character"),
        ("x\n\n\ud800", r"m.ant row 3: the text has half of a character \(U\+D800\)"),
    ],
)
def test_characters_that_no_file_can_have(text, message):
    with pytest.raises(InvalidInput, match=message):
        check_text(text, "m.ant")


@pytest.mark.parametrize("text", ["", "x = 1", "\ufeffé\r\n\x01", "\U0001f600"])
def test_every_other_text_is_left_as_it_is(text):
    assert check_text(text) == text
