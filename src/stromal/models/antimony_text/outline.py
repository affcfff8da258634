"""Statements of an Antimony text, the models and functions they stand in, and nothing of meaning.

Only well-formed text is cut up rightly: text that Antimony refuses may give any statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from stromal.models.antimony_text.tokens import Kind, Token

OUTSIDE = ""  # where a statement outside any model stands
ARROWS = frozenset({"->", "=>", "<==>", "-|", "-o"})

Tokens: TypeAlias = tuple[Token, ...]
_MODEL = ("model", "module")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its model, its words, and the words of the rate where it is a reaction."""

    model: str
    tokens: Tokens
    rate: Tokens | None = None
    of_block: bool = False  # it begins with the name of a model or function (`a is "A model"`)

    @property
    def row(self) -> int:
        """Where it begins."""
        return self.tokens[0].row


@dataclass(frozen=True, slots=True)
class Block:
    """A model or a function: its name, where it begins, and its arguments."""

    name: str
    row: int
    arguments: tuple[str, ...] = ()
    starred: bool = False  # `model *name`: the one to take
    body: Tokens = ()  # of a function


@dataclass(slots=True)
class Outline:
    """What a text is made of."""

    models: list[Block] = field(default_factory=list)
    functions: list[Block] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


def read_outline(tokens: Sequence[Token]) -> Outline:
    """Cut a text into models, functions and statements.

    Examples
    --------
    >>> from stromal.models.antimony_text.tokens import read_tokens
    >>> outline = read_outline(read_tokens("model a() x = 1; J: -> x; k; end; y = 2"))
    >>> [model.name for model in outline.models], [part.model for part in outline.statements]
    (['a'], ['a', 'a', ''])
    """
    return _Reading(tokens).outline()


def has_sign(token: Token, text: str) -> bool:
    """Whether a word is this sign, and not a text or a name."""
    return token.kind is Kind.SIGN and token.text == text


def is_word(token: Token, *words: str) -> bool:
    """Whether a word is one of these keywords or names."""
    return token.kind is Kind.NAME and token.text in words


class _Reading:
    """A text being cut up: where the reading stands, and in which model."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.model = OUTSIDE
        self.names: set[str] = set()  # of models and functions so far
        self.found = Outline()

    def outline(self) -> Outline:
        while (token := self._next()) is not None:
            outside = self.model == OUTSIDE
            if token.kind is Kind.END:
                self.place += 1
            elif is_word(token, "end"):
                self.model = OUTSIDE
                self.place += 1
            elif outside and is_word(token, *_MODEL):
                self._model()
            elif outside and is_word(token, "function"):
                self._function()
            else:
                self._statement()
        return self.found

    def _next(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _take(self, text: str) -> bool:
        token = self._next()
        found = token is not None and has_sign(token, text)
        self.place += found
        return found

    def _block(self) -> Block | None:
        """The head of a model or of a function; None where it has no name."""
        row = self.tokens[self.place].row
        self.place += 1
        starred = self._take("*")
        token = self._next()
        if token is None or token.kind is not Kind.NAME:
            return None
        self.place += 1
        self.names.add(token.text)
        arguments = self._arguments() if self._take("(") else ()
        return Block(token.text, row, arguments, starred)

    def _arguments(self) -> tuple[str, ...]:
        inside: list[Token] = []
        while (token := self._next()) is not None and token.kind is not Kind.END:
            self.place += 1
            if has_sign(token, ")"):
                break
            inside.append(token)
        return tuple(written(part) for part in split(inside, ","))

    def _model(self) -> None:
        if block := self._block():
            self.found.models.append(block)
            self.model = block.name

    def _function(self) -> None:
        block, body = self._block(), []
        while (token := self._next()) is not None and not is_word(token, "end"):
            body.append(token)
            self.place += 1
        self.place += 1
        if block:
            self.found.functions.append(
                Block(block.name, block.row, block.arguments, body=tuple(body))
            )

    def _statement(self) -> None:
        tokens = self._line()
        is_event = _is_event(tokens)
        while is_event and tokens[-1].text in (",", ":") and self._next() is not None:
            self.place += 1
            tokens += self._line()
        rate = None
        after = self._next()
        is_reaction = not is_event and _is_reaction(tokens)
        if is_reaction and after is not None and after.text == ";":
            self.place += 1
            rate = tuple(self._line())
        of_block = tokens[0].text in self.names
        self.found.statements.append(Statement(self.model, tuple(tokens), rate, of_block))

    def _line(self) -> list[Token]:
        """Words up to the end of the line or the statement."""
        tokens: list[Token] = []
        while (token := self._next()) is not None and token.kind is not Kind.END:
            if is_word(token, "end") and not (tokens and tokens[-1].text == "."):
                break
            if _begins_another(tokens, token):
                break
            tokens.append(token)
            self.place += 1
        return tokens


def split(tokens: Sequence[Token], sign: str) -> list[list[Token]]:
    """Parts between the signs that stand in no brackets; no parts of nothing."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "{")) - (token.text in (")", "}"))
        if depth == 0 and has_sign(token, sign):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if tokens else []


def read_path(tokens: Sequence[Token]) -> tuple[str, Tokens]:
    """The name that begins the words (`$S`, `A.x`), and the words after it."""
    index = 0
    while index < len(tokens) and has_sign(tokens[index], "$"):
        index += 1
    start = index
    while index < len(tokens) and tokens[index].kind is Kind.NAME:
        index += 1
        if index < len(tokens) and has_sign(tokens[index], "."):
            index += 1
        else:
            break
    return written(tokens[start:index]), tuple(tokens[index:])


def written(tokens: Sequence[Token]) -> str:
    """The words without blanks and without the sign of a boundary."""
    return "".join(token.text for token in tokens if token.text != "$")


def _begins_another(tokens: Sequence[Token], token: Token) -> bool:
    """Whether the words end with `in name`, which needs no end, and another statement follows."""
    if not (tokens and tokens[-1].kind is Kind.NAME):
        return False
    if token.text != "$" and (token.kind is not Kind.NAME or token.text in ("has", "is", "in")):
        return False
    index = len(tokens) - 1
    while index >= 2 and has_sign(tokens[index - 1], "."):
        index -= 2
    return index > 1 and is_word(tokens[index - 1], "in")


def _is_event(tokens: Sequence[Token]) -> bool:
    """Whether the statement begins with `at`, or with `name: at`."""
    for index, token in enumerate(tokens):
        if is_word(token, "at"):
            return index == 0 or has_sign(tokens[index - 1], ":")
        if token.kind is not Kind.NAME and token.text not in (".", ":", "$"):
            return False
    return False


def _is_reaction(tokens: Sequence[Token]) -> bool:
    """Whether an arrow stands in the statement; `-(` is one after names alone."""
    for index, token in enumerate(tokens):
        if token.text in ARROWS:
            return True
        if is_word(token, "constraint", "maximize", "minimize"):
            return False
        if has_sign(token, "-") and index:
            return index + 1 < len(tokens) and tokens[index + 1].text == "("
        if token.kind is Kind.SIGN and token.text not in (".", ":", "$", "+"):
            return False
    return False
