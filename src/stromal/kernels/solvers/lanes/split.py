"""Long functions of generated text cut into parts, since LLVM's time is not linear in their length.

LLVM schedules and allocates registers block by block, and a block of 40,000 instructions takes four
times as long as ten of 4,000. The parts are called one after another; what a later part reads of an
earlier one goes through rows of memory, where most of it would have been spilled to anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

KEPT = "kept"
"""The argument of every part that holds what later parts read."""

_COSTS: Mapping[str, int] = MappingProxyType({"exp": 30, "log": 40, "power": 120})
"""Instructions of the functions that lanes write out, about; a name that is not here costs one."""


def split_function(
    definition: ast.FunctionDef, longest: int
) -> tuple[Sequence[ast.FunctionDef], int]:
    r"""Cut a function without loops into parts that are called one after another.

    Parameters
    ----------
    definition
        The function, parsed.
    longest
        Instructions of one part, about; a function that is shorter stays as it is.

    Returns
    -------
    tuple
        The parts, which have an argument `kept` more, and how many rows that has; or the function
        itself and zero.

    Examples
    --------
    >>> text = "def f(a, b):\n    x = load(a, 0)\n    y = x*x\n    store(b, 0, x + y)"
    >>> parts, kept = split_function(ast.parse(text).body[0], longest=2)
    >>> print(ast.unparse(parts[1]))
    def f(a, b, kept):
        x = load(a, 0)
        y = load(kept, 0)
        store(b, 0, x + y)
    """
    pieces = _cut(definition.body, longest)
    if len(pieces) == 1 or any(isinstance(each, ast.For) for each in definition.body):
        return [definition], 0
    written = {_array(each.value) for each in definition.body if isinstance(each, ast.Expr)}
    latest: dict[str, tuple[int, ast.Assign]] = {}
    rows: dict[ast.Assign, int] = {}
    bodies = [
        list(_read_first(piece, place, latest, written, rows)) for place, piece in enumerate(pieces)
    ]
    return [_part(definition, list(_keep(body, rows))) for body in bodies], len(rows)


def count_instructions(node: ast.AST) -> int:
    """Count the instructions of a statement or function, about.

    Examples
    --------
    >>> count_instructions(ast.parse("y = exp(x) + 2.0*x"))
    32
    """
    total = 0
    for each in ast.walk(node):
        if isinstance(each, ast.BinOp | ast.UnaryOp):
            total += 1
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            total += _COSTS.get(each.func.id, 1)
    return total


def _cut(body: Sequence[ast.stmt], longest: int) -> list[list[ast.stmt]]:
    pieces: list[list[ast.stmt]] = [[]]
    length = 0
    for statement in body:
        cost = count_instructions(statement)
        if length + cost > longest and pieces[-1]:
            pieces.append([])
            length = 0
        pieces[-1].append(statement)
        length += cost
    return pieces


def _read_first(
    piece: Sequence[ast.stmt],
    place: int,
    latest: dict[str, tuple[int, ast.Assign]],
    written: set[str],
    rows: dict[ast.Assign, int],
) -> Iterator[ast.stmt]:
    """The statements, each after reads of what it takes from parts before.

    `latest` are the part and the statement that have assigned each name so far; `rows` get a row
    for each statement whose value a later part reads.
    """
    for statement in piece:
        for name in _used(statement):
            origin, assignment = latest.get(name, (place, None))
            if origin == place or assignment is None:
                continue
            latest[name] = place, assignment
            if _array(assignment.value) not in {"", *written}:
                yield assignment  # a row that nothing changes is read again where it lies
            else:
                row = rows.setdefault(assignment, len(rows))
                yield from ast.parse(f"{name} = load({KEPT}, {row})").body
        if isinstance(statement, ast.Assign):
            latest |= dict.fromkeys(_assigned(statement), (place, statement))
        yield statement


def _keep(body: Sequence[ast.stmt], rows: Mapping[ast.Assign, int]) -> Iterator[ast.stmt]:
    """The statements, each value that a later part reads written after it is made."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.Assign) and statement in rows:
            (name,) = _assigned(statement)
            # `narrow` stores also where `store` adds to what is there
            yield from ast.parse(f"narrow({KEPT}, {rows[statement]}, {name})").body


def _part(definition: ast.FunctionDef, body: list[ast.stmt]) -> ast.FunctionDef:
    names = [argument.arg for argument in definition.args.args]
    (part,) = ast.parse(f"def {definition.name}({', '.join([*names, KEPT])}): pass").body
    if not isinstance(part, ast.FunctionDef):
        raise TypeError(part)
    part.body = body
    return part


def _assigned(statement: ast.Assign) -> list[str]:
    return [target.id for target in statement.targets if isinstance(target, ast.Name)]


def _used(statement: ast.stmt) -> list[str]:
    names = (each for each in ast.walk(statement) if isinstance(each, ast.Name))
    return [each.id for each in names if isinstance(each.ctx, ast.Load)]


def _array(value: ast.expr) -> str:
    """The array of a call that reads or writes a row of one; nothing where it is another."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.args:
        array = value.args[0]
        if value.func.id in ("load", "store") and isinstance(array, ast.Name):
            return array.id
    return ""
