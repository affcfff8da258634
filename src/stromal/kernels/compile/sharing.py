"""Common subexpression elimination: sums and products are made of shared parts, divisions few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from stromal.kernels.compile.graph import Graph, Node, Part, reachable, rebuild

# A token is a number for an operand: a node, its reciprocal, or a pair of tokens.
Operand = tuple[int, float]
Pair = tuple[int, int, float]


def share(graph: Graph, roots: Sequence[Node]) -> list[Node]:
    """The roots made of shared parts; the result is meant to be printed, not to be folded again.

    The pair of factors, or of terms, that most products or sums have in common is made a node of
    its own, again and again: greedy, since the best choice of all is NP-hard. A divisor that occurs
    more than once is inverted once; divisors that occur once are gathered into one division.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y, z = (graph.symbol(name, state=i) for i, name in enumerate("xyz"))
    >>> first, second = share(graph, [graph.multiply(x, y, z), graph.multiply(x, y, y)])
    >>> len({part for part, _ in first.parts} & {part for part, _ in second.parts})
    1
    """
    nodes = reachable(roots)
    tokens = _Tokens()
    often = _often_divided_by(nodes)
    lists: dict[Node, list[Operand]] = {}
    divisors: dict[Node, list[Node]] = {}
    for node in nodes:
        if node.kind == "product":
            lists[node] = _factors(node, often, tokens)
            divisors[node] = [part for part, e in node.parts if e < 0 and part not in often]
        elif node.kind == "sum":
            lists[node] = [(tokens.of(("node", part)), factor) for part, factor in node.parts]
            if node.value:
                lists[node].append((tokens.of(("node", graph.number(1.0))), node.value))
    for kind in ("product", "sum"):
        _extract({n: held for n, held in lists.items() if n.kind == kind}, lists, tokens, kind)
    build = _Builder(graph, tokens)
    for node in nodes:
        if node in lists:
            build.put[node] = build.node(node, lists[node], divisors.get(node, []))
        else:
            build.put[node] = rebuild(graph, node, build.put)
    return [build.put[root] for root in roots]


class _Tokens:
    """Numbers for operands, in order of appearance, so that every run extracts the same pairs."""

    def __init__(self) -> None:
        self.meaning: list[tuple[object, ...]] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def of(self, meaning: tuple[object, ...]) -> int:
        if meaning not in self._numbers:
            self._numbers[meaning] = len(self.meaning)
            self.meaning.append(meaning)
        return self._numbers[meaning]


def _often_divided_by(nodes: Iterable[Node]) -> set[Node]:
    times: Counter[Node] = Counter()
    for node in nodes:
        if node.kind == "product":
            for part, exponent in node.parts:
                if exponent < 0:
                    times[part] += 1 if exponent == -1 else 2
    return {node for node, count in times.items() if count > 1}


def _factors(node: Node, often: set[Node], tokens: _Tokens) -> list[Operand]:
    held: list[Operand] = []
    for part, exponent in node.parts:
        if exponent < 0 and part not in often:
            continue
        kind = "node" if exponent > 0 else "over"
        count = int(abs(exponent))
        if count <= 3:
            held += [(tokens.of((kind, part)), 1.0)] * count
        else:
            held.append((tokens.of(("whole", kind, part, count)), 1.0))
    return held


def _pairs(held: Sequence[Operand], kind: str) -> set[Pair]:
    found = set()
    for place, (one, first) in enumerate(held):
        for two, second in held[place + 1 :]:
            if kind == "product":
                found.add((min(one, two), max(one, two), 1.0))
            elif abs(first) == abs(second):
                found.add((min(one, two), max(one, two), first / second))
    return found


def _extract(
    held: dict[Node, list[Operand]],
    lists: dict[Node, list[Operand]],
    tokens: _Tokens,
    kind: str,
) -> None:
    """Replace the most frequent pair by one token until no pair occurs twice."""
    where: dict[Pair, dict[Node, None]] = {}
    for node, operands in held.items():
        for pair in _pairs(operands, kind):
            where.setdefault(pair, {})[node] = None
    queue = [(-len(users), pair) for pair, users in where.items() if len(users) > 1]
    heapify(queue)
    while queue:
        count, pair = heappop(queue)
        users = where.get(pair, {})
        if len(users) < 2:
            continue
        if len(users) != -count:
            heappush(queue, (-len(users), pair))
            continue
        token = tokens.of((kind, *pair))
        for node in list(users):
            before = _pairs(lists[node], kind)
            lists[node] = _without(lists[node], pair, token)
            after = _pairs(lists[node], kind)
            for gone in before - after:
                where[gone].pop(node, None)
            for new in sorted(after - before):
                where.setdefault(new, {})[node] = None
                if len(where[new]) > 1:
                    heappush(queue, (-len(where[new]), new))


def _without(held: Sequence[Operand], pair: Pair, token: int) -> list[Operand]:
    one, two, ratio = pair
    left = list(held)
    first = next(item for item in left if item[0] == one)
    left.remove(first)
    second = next(item for item in left if item[0] == two and first[1] == ratio * item[1])
    left.remove(second)
    return [*left, (token, first[1])]


class _Builder:
    """Nodes from lists of operands; `put` holds what is built for every node so far."""

    def __init__(self, graph: Graph, tokens: _Tokens) -> None:
        self.put: dict[Node, Node] = {}
        self._graph = graph
        self._tokens = tokens
        self._built: dict[int, Node] = {}

    def node(self, node: Node, held: Sequence[Operand], divisors: Sequence[Node]) -> Node:
        if node.kind == "sum":
            terms = [(self._operand(token), factor) for token, factor in held]
            return self._sum(terms)
        parts = [(self._operand(token), 1.0) for token, _ in held]
        parts += [(self.put[divisor], -1.0) for divisor in divisors]
        return self._product(parts, node.value)

    def _product(self, parts: Sequence[Part], value: float) -> Node:
        turned = [part.kind == "product" and part.value == -1 for part, _ in parts]
        value *= (-1.0) ** sum(turned)
        held = [
            (_bare(self._graph, part) if sign else part, exponent)
            for (part, exponent), sign in zip(parts, turned, strict=True)
        ]
        if len(held) == 1 and value == 1 and held[0][1] == 1:
            return held[0][0]
        return self._graph.plain("product", held, value)

    def _sum(self, terms: Sequence[Part]) -> Node:
        constant = 0.0
        parts: list[tuple[Node, float]] = []
        for node, factor in terms:
            if node.is_number:
                constant += node.value * factor
            elif node.kind == "product" and node.value == -1:
                parts.append((_bare(self._graph, node), -factor))
            else:
                parts.append((node, factor))
        if len(parts) == 1 and not constant:
            return self._product([(parts[0][0], 1.0)], parts[0][1])
        return self._graph.plain("sum", parts, constant)

    def _operand(self, token: int) -> Node:
        if token not in self._built:
            self._built[token] = self._made(self._tokens.meaning[token])
        return self._built[token]

    def _made(self, meaning: tuple[object, ...]) -> Node:
        kind = meaning[0]
        if kind == "node":
            return self._of(meaning[1])
        if kind == "over":
            return self._graph.plain("product", [(self._of(meaning[1]), -1.0)], 1.0)
        if kind == "whole":
            _, inner, part, count = meaning
            return self._whole(self._made((inner, part)), int(str(count)))
        _, one, two, ratio = meaning
        first, second = self._operand(int(str(one))), self._operand(int(str(two)))
        if kind == "product":
            return self._product([(first, 1.0), (second, 1.0)], 1.0)
        return self._sum([(first, 1.0), (second, float(str(ratio)))])

    def _of(self, node: object) -> Node:
        if not isinstance(node, Node):
            raise TypeError(node)
        return self.put.get(node, node)

    def _whole(self, node: Node, count: int) -> Node:
        """node**count by squaring."""
        if count == 1:
            return node
        half = self._whole(node, count // 2)
        square = self._graph.plain("product", [(half, 1.0), (half, 1.0)], 1.0)
        if count % 2 == 0:
            return square
        return self._graph.plain("product", [(square, 1.0), (node, 1.0)], 1.0)


def _bare(graph: Graph, node: Node) -> Node:
    if len(node.parts) == 1 and node.parts[0][1] == 1:
        return node.parts[0][0]
    return graph.plain("product", node.parts, 1.0)
