"""Networks of reactions of any size, for tests of what compiling them costs."""

from __future__ import annotations

from collections.abc import Iterable


def write_network(states: int) -> str:
    """A chain of conversions with saturation, activation, inhibition and binding along it.

    Every state meets a few neighbours, so that twice as many states make twice as much of all.
    """
    lines, rates = [], [list[str]() for _ in range(states)]
    for i in range(states):
        after, near = (i + 1) % states, (i * 7 + 3) % 5 + max(0, i - 4)
        k, v, m, h = (f"{name}{i}" for name in "kvmh")
        flow = f"{k}*x{i}"
        rates[i].append(f"- {flow}")
        rates[after].append(f"+ {flow}")
        kinds = (
            [(i, "-", f"{v}*x{near}*x{i}/({m} + x{i})")],
            [(i, "+", f"{v}*x{near}^{h}/({m}^{h} + x{near}^{h})"), (i, "-", f"{v}*x{i}")],
            [(i, "+", f"{v}/(1 + (x{near}/{m})^{h})"), (i, "-", f"{v}*x{i}")],
            [(i, "-", f"{v}*x{i}*x{near}"), (near, "-", f"{v}*x{i}*x{near}")],
        )
        for state, sign, rate in kinds[i % 4]:
            rates[state].append(f"{sign} {rate}")
        lines.append(f"x{i} = {_between(i, 0.2, 1.1)};")
        lines.append(f"{k} = {_between(i + 1, 0.2, 1)}; {v} = {_between(i + 2, 0.1, 1)};")
        lines.append(f"{m} = {_between(i + 3, 0.2, 2)}; {h} = {_between(i + 4, 1.1, 3)};")
    lines += (f"x{i}' = 0 {_joined(rates[i])};" for i in range(states))
    return "\n".join(lines)


def _between(place: int, low: float, high: float) -> float:
    """A number of a fixed sequence that fills the interval evenly (golden section)."""
    return round(low + (high - low) * (place * 0.6180339887498949 % 1.0), 4)


def _joined(terms: Iterable[str]) -> str:
    return " ".join(terms)
