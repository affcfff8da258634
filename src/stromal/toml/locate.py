"""Where in the text of a TOML file each key is written, so that an issue can name its line.

`tomllib` gives values without positions. This reads the positions of keys from a text that
`tomllib` has already accepted; it checks nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_ESCAPES = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\]))')


def locate_keys(text: str) -> Mapping[KeyPath, int]:
    """Line of every table, key and list item of a valid TOML text, the first line being 1.

    Examples
    --------
    >>> text = '''[arms.msc]
    ... label = "MSC"
    ... regimen = [
    ...   { unit = "Gy" },
    ... ]
    ... '''
    >>> lines = locate_keys(text)
    >>> lines["arms", "msc", "label"], lines["arms", "msc", "regimen", 0, "unit"]
    (2, 4)
    """
    return _Scanner(text).scan()


def find_line(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Line of a key, or of the nearest table around it that is written; None where none is."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


def format_key_path(path: KeyPath) -> str:
    """A key path as an issue prints it.

    Examples
    --------
    >>> format_key_path(("arms", "msc", "regimen", 0, "unit"))
    'arms.msc.regimen[0].unit'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def parse_key_path(text: str) -> KeyPath:
    """The key path that `format_key_path` printed.

    Examples
    --------
    >>> parse_key_path("arms.msc.regimen[0].unit")
    ('arms', 'msc', 'regimen', 0, 'unit')
    """
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", text)
    return tuple(int(index) if index else name for index, name in parts)


class _Scanner:
    """One pass over the text; `lines` fills as keys are met."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self.tables_in: dict[KeyPath, int] = {}
        self.line = 1
        self.counted = 0

    def scan(self) -> Mapping[KeyPath, int]:
        """All statements of the text, one after another."""
        table: KeyPath = ()
        self._skip(_BLANK_LINES)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BLANK_LINES)
        return self.lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def _note(self, path: KeyPath) -> None:
        """Writes down the present line for a path and for those around it that have none yet."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], self.line)

    def _header(self) -> KeyPath:
        """`[table]` or `[[list of tables]]`; a part that is a list means its last table."""
        is_list = self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        path: KeyPath = ()
        parts = self._key()
        for position, part in enumerate(parts):
            path = (*path, part)
            if is_list and position == len(parts) - 1:
                self.tables_in[path] = self.tables_in.get(path, 0) + 1
            if path in self.tables_in:
                path = (*path, self.tables_in[path] - 1)
        self._note(path)
        self.at += 2 if is_list else 1
        return path

    def _assignment(self, table: KeyPath) -> None:
        path = (*table, *self._key())
        self._note(path)
        self.at += 1  # the equals sign
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        """A dotted key; the position ends on what follows it."""
        parts = []
        while True:
            self._skip(_BLANK)
            quoted = self._skip(_STRING)
            parts.append(_unquote(quoted) if quoted else self._skip(_BARE_KEY))
            self._skip(_BLANK)
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self._items(path)
        elif opening == "{":
            self._inline_table(path)
        elif not self._skip(_STRING):
            self._skip(_SCALAR)

    def _items(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        self._skip(_BLANK_LINES)
        while self.text[self.at] != "]":
            item = (*path, index)
            self._note(item)
            self._value(item)
            self._skip(_BLANK_LINES)
            if self.text[self.at] == ",":
                self.at += 1
                index += 1
                self._skip(_BLANK_LINES)
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK_LINES)
        while self.text[self.at] != "}":
            self._assignment(path)
            self._skip(_BLANK_LINES)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(_BLANK_LINES)
        self.at += 1


def _unquote(text: str) -> str:
    if text.startswith("'"):
        return text[1:-1]

    def character(found: re.Match[str]) -> str:
        code = found.group(1) or found.group(2)
        return chr(int(code, 16)) if code else found.group(3)

    return _ESCAPES.sub(character, text[1:-1])
