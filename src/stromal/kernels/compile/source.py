"""Readable source text of functions that fill arrays."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.compile.graph import Node, reachable
from stromal.kernels.compile.lu import Factorisation
from stromal.kernels.compile.schedule import CYCLES, INSTRUCTIONS, Task, order_tasks

LONGEST = 60
"""A part of an expression that is longer than this gets a line of its own."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an element of an array is read and written; the rest of a line is the same in all."""

    name: str
    load: str
    store: str


PLAIN = Dialect("plain", "{array}[{index}]", "{array}[{index}] = {value}")
LANES = Dialect("lanes", "load({array}, {index})", "store({array}, {index}, {value})")


@dataclass(frozen=True, slots=True)
class Store:
    """array[index] = value; `name` is the local name under which later lines know the value."""

    array: str
    index: int
    value: Node
    comment: str = ""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a symbol is read from, and its name in the text; nowhere if it is local already."""

    name: str
    array: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class _Text:
    """Text of an expression, how tightly it binds, and the symbols that must be read before."""

    text: str
    level: int
    needs: tuple[Node, ...] = ()


SUM, QUOTIENT, PRODUCT, ATOM = 1, 2, 3, 4


def name_locals(wanted: Iterable[str]) -> tuple[str, ...]:
    """Names for local variables: the model's own where the text can hold them.

    Examples
    --------
    >>> name_locals(["PLT", "exp", "amount(S)", "lambda"])
    ('PLT', 'exp_', 'v2', 'lambda_')
    """
    given: list[str] = []
    for place, name in enumerate(wanted):
        plain = name.isascii() and name.isidentifier() and not name.startswith("__")
        local = name if plain else f"v{place}"
        while plain and (_taken(local) or local in given):
            local += "_"
        given.append(local)
    return tuple(given)


def _taken(name: str) -> bool:
    reserved = name in FUNCTIONS or keyword.iskeyword(name) or keyword.issoftkeyword(name)
    short = name.rstrip("0123456789") in ("c", "d", "f", "o", "p", "t", "v", "w", "x", "y")
    return reserved or short or name in ("inf", "nan", "load", "store")


class Writer:
    """Writes functions of one program in one dialect.

    Parameters
    ----------
    dialect
        How arrays are read and written.
    places
        For each symbol its local name and where it is read from.

    Examples
    --------
    >>> from stromal.kernels.compile.graph import Graph
    >>> graph = Graph()
    >>> x, k = graph.symbol("x", state=0), graph.symbol("k")
    >>> writer = Writer(PLAIN, {x: Place("PLT", "y", 0), k: Place("kplt", "c", 0)})
    >>> rate = graph.negate(graph.multiply(k, x))
    >>> print(writer.function("rates", "y, c, f", "dy/dt", [Store("f", 0, rate, "PLT")]))
    def rates(y, c, f):
        \"\"\"dy/dt.\"\"\"
        PLT = y[0]
        kplt = c[0]
        f[0] = -PLT*kplt  # PLT
    """

    def __init__(self, dialect: Dialect, places: Mapping[Node, Place]) -> None:
        self._dialect = dialect
        self._places = places

    def function(
        self,
        name: str,
        arguments: str,
        about: str,
        stores: Sequence[Store],
        *,
        scheduled: bool = False,
    ) -> str:
        """Text of one function; `scheduled` orders its statements for speed, not as given."""
        body = _Body(self._dialect, self._places, stores, scheduled=scheduled)
        for store in stores:
            body.add(store)
        if scheduled:
            body = body.again(order_tasks(self._find_tasks(body.made)))
        return _function(name, arguments, about, body.lines)

    def resolve(self, plan: Factorisation, names: Sequence[str]) -> str:
        """Text of the two substitutions; what takes longest to be there is subtracted last."""
        lines = []
        ready: dict[int, str] = {}
        cycles: dict[int, float] = {}

        def minus(row: int, terms: Sequence[tuple[int, int]]) -> str:
            ordered = sorted(terms, key=lambda term: cycles[term[1]])
            for _, at in ordered:
                cycles[row] = max(cycles.get(row, 0.0), cycles[at]) + CYCLES["other"]
            return "".join(f" - {self._load('w', slot)}*{ready[at]}" for slot, at in ordered)

        for step in plan.forward:
            cycles[step.row] = 0.0
            line = f"x{step.row} = {self._load('x', step.row)}{minus(step.row, step.terms)}"
            lines.append(line)
            ready[step.row] = f"x{step.row}"
        for step in plan.backward:
            less = minus(step.row, step.terms)
            rest = f"(x{step.row}{less})" if step.terms else f"x{step.row}"
            cycles[step.row] += CYCLES["other"]
            lines.append(f"x{step.row} = {rest}*{self._load('w', step.pivot or 0)}")
            stored = self._store("x", step.row, f"x{step.row}")
            lines.append(_commented(stored, names[step.row]))
        return _function("resolve", "w, x", "Solve (d*I - J) x = b, b given in x", lines)

    def _find_tasks(self, made: Sequence[Node | Store]) -> list[Task]:
        """Statements as tasks: what each reads, and what it costs down to there."""
        own = {node: place for place, node in enumerate(made) if isinstance(node, Node)}
        stored = {each.name: at for at, each in enumerate(made) if isinstance(each, Store)}
        named = {node: stored.get(place.name) for node, place in self._places.items()}
        made_at = own | {node: at for node, at in named.items() if at is not None}
        return [_find_task(statement, made_at) for statement in made]

    def _load(self, array: str, index: int) -> str:
        return self._dialect.load.format(array=array, index=index)

    def _store(self, array: str, index: int, value: str) -> str:
        return self._dialect.store.format(array=array, index=index, value=value)


def _commented(line: str, comment: str) -> str:
    """The line with a comment, which stays on it whatever it holds."""
    words = " ".join(comment.split())
    return f"{line}  # {words}" if words else line


def _function(name: str, arguments: str, about: str, lines: Sequence[str]) -> str:
    body = [f'"""{about}."""', *lines]
    return "\n".join([f"def {name}({arguments}):", *(f"    {line}" for line in body)])


class _Body:
    """Lines of one function, each value read or computed just before it is first needed.

    `made` are the statements in their order: a node that got a line of its own, or a store.
    """

    def __init__(
        self,
        dialect: Dialect,
        places: Mapping[Node, Place],
        stores: Sequence[Store],
        *,
        scheduled: bool,
    ) -> None:
        self.lines: list[str] = []
        self.made: list[Node | Store] = []
        self._stores = stores
        self._scheduled = scheduled
        self._dialect = dialect
        self._places = places
        self._texts: dict[Node, _Text] = {}
        self._read: set[Node] = set()
        self._temporaries = 0
        self._times: Counter[Node] = Counter(store.value for store in stores)
        for node in reachable(store.value for store in stores):
            self._times.update(part for part, _ in node.parts)

    def again(self, order: Sequence[int]) -> _Body:
        """The same statements in another order."""
        body = _Body(self._dialect, self._places, self._stores, scheduled=True)
        for place in order:
            made = self.made[place]
            if isinstance(made, Store):
                body.add(made)
            else:
                body._text(made, whole=False)
        return body

    def add(self, store: Store) -> None:
        value = self._text(store.value, whole=True)
        self._load(value.needs)
        text = value.text
        if store.name:
            self.lines.append(f"{store.name} = {text}")
            text = store.name
        line = self._dialect.store.format(array=store.array, index=store.index, value=text)
        self.lines.append(_commented(line, store.comment))
        self.made.append(store)

    def _text(self, root: Node, *, whole: bool) -> _Text:
        waiting = [root]
        while waiting:
            node = waiting[-1]
            missing = [part for part, _ in node.parts if part not in self._texts]
            if node not in self._texts and missing:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            if node not in self._texts:
                self._texts[node] = self._settled(node, whole=whole and node is root)
        return self._texts[root]

    def _settled(self, node: Node, *, whole: bool) -> _Text:
        """Text of a node whose parts have theirs; a line of its own if used again or long."""
        text = self._expression(node)
        slow = self._scheduled and find_cost(node) != "other"
        if node.is_atom or not (
            self._times[node] > 1 or slow or (len(text.text) >= LONGEST and not whole)
        ):
            return text
        self._load(text.needs)
        name = f"t{self._temporaries}"
        self._temporaries += 1
        self.lines.append(f"{name} = {text.text}")
        self.made.append(node)
        return _Text(name, ATOM)

    def _load(self, needs: Iterable[Node]) -> None:
        for node in needs:
            place = self._places[node]
            if node not in self._read and place.array:
                loaded = self._dialect.load.format(array=place.array, index=place.index)
                self.lines.append(f"{place.name} = {loaded}")
            self._read.add(node)

    def _expression(self, node: Node) -> _Text:
        if node.kind == "number":
            return _Text(repr(node.value), ATOM if node.value >= 0 else SUM)
        if node.kind == "symbol":
            return _Text(self._places[node].name, ATOM, (node,))
        parts = [self._texts[part] for part, _ in node.parts]
        needs = tuple(dict.fromkeys(need for part in parts for need in part.needs))
        if node.kind == "call":
            return _Text(f"{node.name}({', '.join(p.text for p in parts)})", ATOM, needs)
        if node.kind == "power":
            return _Text(f"power({', '.join(p.text for p in parts)})", ATOM, needs)
        if node.kind == "sum":
            return _Text(self._sum(node, parts), SUM, needs)
        return _product(node, parts, needs)

    def _sum(self, node: Node, parts: Sequence[_Text]) -> str:
        terms = [(factor, part) for (_, factor), part in zip(node.parts, parts, strict=True)]
        pieces = [(node.value, repr(abs(node.value)))] if node.value else []
        for factor, part in terms:
            inner = part.text if part.level >= QUOTIENT else f"({part.text})"
            pieces.append((factor, _times(abs(factor), inner)))
        # what is added comes first, so that few lines begin with a minus
        pieces.sort(key=lambda piece: piece[0] < 0)
        first = ("-" if pieces[0][0] < 0 else "") + pieces[0][1]
        return first + "".join(f" {'-' if sign < 0 else '+'} {text}" for sign, text in pieces[1:])


def find_cost(node: Node) -> str:
    """What the last operation of a node counts as in a schedule."""
    if node.kind == "product" and any(exponent < 0 for _, exponent in node.parts):
        return "divide"
    name = node.name if node.kind == "call" else node.kind
    return name if name in CYCLES else "other"


def _find_task(statement: Node | Store, made_at: Mapping[Node, int]) -> Task:
    root = statement.value if isinstance(statement, Store) else statement
    inside = _inside(root, statement is root, made_at)
    needs = {} if inside else {made_at[root]: None}
    cycles: dict[Node, float] = {}
    instructions = 0.0
    for node in inside:
        ready = 0.0
        for part, _ in node.parts:
            ready = max(ready, cycles.get(part, 0.0))
            if part in made_at:
                needs[made_at[part]] = None
        cost = find_cost(node)
        cycles[node] = ready + (0.0 if node.is_atom else CYCLES[cost])
        instructions += INSTRUCTIONS[cost] * max(len(node.parts) - 1, 1)
    return Task(tuple(needs), cycles.get(root, 0.0), instructions)


def _inside(root: Node, own: bool, places: Mapping[Node, int]) -> list[Node]:  # noqa: FBT001
    """Nodes of one statement, parts first: down to nodes that have statements of their own."""
    if root in places and not own:
        return []
    found: dict[Node, None] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node in found:
            continue
        found[node] = None
        waiting.extend(part for part, _ in node.parts if part not in places)
    return sorted(found, key=lambda node: node.index)


def _times(factor: float, text: str) -> str:
    if factor == 1:
        return text
    return f"{factor!r}/{text[4:]}" if text.startswith("1.0/") else f"{factor!r}*{text}"


def _product(node: Node, parts: Sequence[_Text], needs: tuple[Node, ...]) -> _Text:
    above: list[str] = []
    below: list[str] = []
    for (_, exponent), part in zip(node.parts, parts, strict=True):
        if exponent > 0 and part.level >= QUOTIENT and part.text.startswith("1.0/"):
            below.append(part.text[4:])
            continue
        level = PRODUCT if exponent > 0 else ATOM
        inner = part.text if part.level >= level else f"({part.text})"
        (above if exponent > 0 else below).extend([inner] * abs(int(exponent)))
    if abs(node.value) != 1 or not above:
        above.insert(0, repr(abs(node.value)))
    text = ("-" if node.value < 0 else "") + "*".join(above)
    if below:
        text += f"/{below[0]}" if len(below) == 1 else f"/({'*'.join(below)})"
    level = QUOTIENT if below else PRODUCT
    return _Text(text, SUM if node.value < 0 else level, needs)
