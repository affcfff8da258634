"""The method's own sums as text, for one number of states: what lies between two calls of rates.

Each stage reads the stages before it once and gives both the argument of the next rates and the
sum that is added to them; the rates are then added to that sum where they are stored. Dense output
is a polynomial in the share of the step; the error gives the next step by PI control. The text
uses the same names as a program's functions and is compiled with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from stromal.kernels.solvers import step
from stromal.kernels.solvers.rodas5p import (
    DENSE,
    OWN_ARGUMENT,
    STAGES,
    A,
    C,
    round_coefficients,
)

TOGETHER = {64: 4, 32: 1}
"""States whose weighted errors share a division; numbers of f32 have no room for the product."""

LEAST_SCALE = 1e-70
"""Four scales are taken as no smaller than this, and no larger than its inverse: where a tolerance
is smaller, `estimate_error_apart` divides by each of them."""


def write_method(
    n_states: int, n_observed: int, n_read: int, bits: int, *, n_renewing: int = 0, uses_time: bool
) -> str:
    """Text of the stages and of what is done with them, for one number of states.

    Functions `stage_1` to `stage_7`, `estimate_error`, `accept`, `interpolant`, `interpolate`,
    `pick_constants` and `watch`. In f32 the increment of a step is kept apart from the states, and
    `accept` is that of `write_accumulation`.

    Parameters
    ----------
    n_states, n_observed, n_read
        Integrated states, those that outputs are read off, and constants that outputs use.
    bits
        Of the numbers that states are kept in.
    n_renewing
        States that are watched for coming back from below their tolerance.
    uses_time
        Whether the last state is time, whose error does not count.

    Examples
    --------
    >>> print(write_method(3, 1, 0, 64, uses_time=False).split("def ")[2])
    stage_2(y, k, u, n, r):
        inverse = load(r, 0)
        for i in range(3):
            k0 = load(k, i)
            k1 = load(k, 3 + i)
            store(u, i, load(y, i) + 2.849394379747939 * k0 + 0.45842242204463923 * k1)
            store(k, 6 + i, inverse * (-17.97296035885952 * k0 + -2.859693295451294 * k1))
    <BLANKLINE>
    <BLANKLINE>
    """
    texts = [_stage(stage, n_states, bits) for stage in range(1, STAGES)]
    texts += [
        _estimate_error("", n_states, n_states - uses_time, bits, TOGETHER[bits]),
        *([_accept(n_states)] if bits == 64 else []),
        _interpolant(n_states, n_observed),
        _interpolate(n_observed),
        _pick_constants(n_read),
        _estimate_error("_sized", n_states, n_states - uses_time, bits, TOGETHER[bits]),
        _watch(n_renewing),
    ]
    if TOGETHER[bits] > 1:
        texts.append(_estimate_error("_apart", n_states, n_states - uses_time, bits, 1))
    return "\n\n\n".join(texts) + "\n"


def write_accumulation(n_states: int) -> str:
    """Text of `accept` for states of f32, computed in f64: lanes whose step is accepted take it.

    Increments are added up in f64, so that rounding does not grow with the number of steps; the
    states are those sums, rounded.

    Examples
    --------
    >>> print(write_accumulation(3))
    def accept(u, n, accepted, sums, y):
        chosen = widen(accepted, 0)
        for i in range(3):
            before = load(sums, i)
            after = before + widen(n, i)
            after = select(lt(absolute(after), 1e-30), 0.0, after)
            after = select(chosen, after, before)
            store(sums, i, after)
            narrow(y, i, after)
    <BLANKLINE>
    """
    return "\n".join(
        [
            "def accept(u, n, accepted, sums, y):",
            "    chosen = widen(accepted, 0)",
            f"    for i in range({n_states}):",
            "        before = load(sums, i)",
            "        after = before + widen(n, i)",
            f"        after = select(lt(absolute(after), {step.LEAST_STATE_F32!r}), 0.0, after)",
            "        after = select(chosen, after, before)",
            "        store(sums, i, after)",
            "        narrow(y, i, after)",
            "",
        ]
    )


def _sum(weights: Sequence[float], names: Sequence[str]) -> str:
    terms = [f"{weight!r} * {name}" for weight, name in zip(weights, names, strict=True)]
    return " + ".join(terms)


def _stage(stage: int, n_states: int, bits: int) -> str:
    names = [f"k{before}" for before in range(stage)]
    of_argument, of_stage = (A, C) if bits == 64 else round_coefficients()
    if stage < OWN_ARGUMENT:
        increment = _sum(of_argument[stage, :stage].tolist(), names)
    else:
        increment = f"load(n, i) + {names[-1]}"
    if bits == 32 and stage >= OWN_ARGUMENT - 1:
        argument = [
            f"        increment = {increment}",
            "        store(n, i, increment)",
            "        store(u, i, load(y, i) + increment)",
        ]
    elif stage < OWN_ARGUMENT:
        argument = [f"        store(u, i, load(y, i) + {increment})"]
    else:
        argument = [f"        store(u, i, load(u, i) + {names[-1]})"]
    others = _sum(of_stage[stage, :stage].tolist(), names)
    return "\n".join(
        [
            f"def stage_{stage}(y, k, u, n, r):",
            "    inverse = load(r, 0)",
            f"    for i in range({n_states}):",
            "        k0 = load(k, i)",
            *(
                f"        k{before} = load(k, {before * n_states} + i)"
                for before in range(1, stage)
            ),
            *argument,
            f"        store(k, {stage * n_states} + i, inverse * ({others}))",
        ]
    )


def _estimate_error(name: str, n_states: int, n_counted: int, bits: int, together: int) -> str:
    """New states in u; error, growth and shrinkage of the step in the rows of j.

    Four states share one division, which takes as long as a dozen products: the inverse of the
    product of their scales, each of which is kept where that product is a normal number.
    """
    whole = n_counted - n_counted % together
    sized = name == "_sized"
    more = ", own, sure, passes" if sized else ""
    lines = [
        f"def estimate_error{name}(y, k, u, n, atol, rtol, before, j, g{more}):",
        "    total = splat(0.0)",
        "    broken = splat(0.0)",
        "    relative = number(rtol, 0)",
        *_add_errors(n_states, 0, whole, together, bits, sized=sized),
        *_add_errors(n_states, whole, n_counted, 1, bits, sized=sized),
    ]
    if n_counted < n_states:
        lines += [
            f"    i = {n_states - 1}",
            f"    error = load(k, {STAGES * n_states - 1})",
            *_take_last_stage("    ", "error", bits),
        ]
    lines += [
        f"    error = sqrt(total * {1.0 / max(n_counted, 1)!r} + broken) + {step.LEAST_ERROR!r}",
        f"    error = select(lt(error, {step.MOST_ERROR!r}), error, {step.MOST_ERROR!r})",
        "    small = log(error)",
        (
            f"    growth = {step.SAFETY!r} * exp({step.ERROR_POWER!r} * small"
            f" + {step.ERROR_BEFORE_POWER!r} * log(load(before, 0)))"
        ),
        "    store(j, 0, error)",
        f"    store(j, 1, minimum({step.MOST_GROWTH!r}, maximum({step.LEAST_GROWTH!r}, growth)))",
        f"    shrinkage = {step.SAFETY!r} * exp({step.REJECTED_POWER!r} * small)",
        f"    store(j, 2, maximum({step.LEAST_SHRINKAGE!r}, shrinkage))",
    ]
    return "\n".join(lines)


def _take_last_stage(margin: str, error: str, bits: int) -> list[str]:
    """Lines that make a state after the step, which the error of the step is the last part of."""
    after = [f"after = load(u, i) + {error}"]
    if bits == 32:
        after = [
            f"increment = load(n, i) + {error}",
            "store(n, i, increment)",
            "after = load(y, i) + increment",
        ]
    return [f"{margin}{line}" for line in (*after, "store(u, i, after)", _BROKEN)]


_BROKEN = "broken = broken + 0.0 * after"


def _add_errors(
    n_states: int, first: int, end: int, together: int, bits: int, *, sized: bool
) -> list[str]:
    """Lines that add the weighted errors of states, `together` of them in each turn of a loop."""
    if first == end:
        return []
    lines = [f"    for turn in range({(end - first) // together}):"]
    for place in range(together):
        lines += [
            f"        i = {first} + {together} * turn + {place}",
            f"        error{place} = load(k, {(STAGES - 1) * n_states} + i)",
            *_take_last_stage(" " * 8, f"error{place}", bits),
            *(_sized_scale(place) if sized else _scale(place)),
        ]
    if together == 1:
        return [*lines, "        error = error0 / scale0", "        total = total + error * error"]
    # Batch inversion (Montgomery's trick): with the inverse of p*q*r*s, 1/p is that times q*(r*s).
    # It pays because a processor overlaps products, and divisions hardly. The product of four
    # scales stays in the range of f64 if each lies within 1e-70 and 1e70; in f32 each would have to
    # lie within 1e-9 and 1e9, which tolerances do not.
    most, least = 1.0 / LEAST_SCALE, LEAST_SCALE
    for place in range(together):
        kept = f"larger({least!r}, smaller({most!r}, scale{place}))"
        lines.append(f"        scale{place} = {kept}")
    return [
        *lines,
        "        low = scale0 * scale1",
        "        high = scale2 * scale3",
        "        inverse = 1.0 / (low * high)",
        "        error0 = error0 * scale1 * (inverse * high)",
        "        error1 = error1 * scale0 * (inverse * high)",
        "        error2 = error2 * scale3 * (inverse * low)",
        "        error3 = error3 * scale2 * (inverse * low)",
        "        total = total + (error0 * error0 + error1 * error1)",
        "        total = total + (error2 * error2 + error3 * error3)",
    ]


def _scale(place: int) -> list[str]:
    """Lines for the tolerance of a state."""
    return [
        *_KNOWN,
        "        size = larger(begun, absolute(after))",
        f"        scale{place} = number(atol, i) + relative * size",
    ]


_KNOWN = [
    "        begun = absolute(load(y, i))",
    "        known = larger(load(g, i), begun)",
    "        store(g, i, known)",
]
"""Lines for the size of a state before the step, and the largest that it has been."""


def _sized_scale(place: int) -> list[str]:
    """Lines for the tolerance of a state that follows its own size, as in `scalar_loop`."""
    outgrown = "1.0"
    for number, times in enumerate(step.OUTGROWN):
        outgrown = f"select(gt(grown, {times!r} * known), number(passes, {number}), {outgrown})"
    return [
        *_KNOWN,
        "        size = absolute(after)",
        "        reached = larger(larger(begun, size), number(own, i) * known)",
        "        known = larger(known, number(sure, i))",
        "        grown = select(lt(load(y, i) * after, 0.0), 0.0, size)",
        f"        scale{place} = (number(atol, i) + relative * reached) * {outgrown}",
    ]


def _watch(n_renewing: int) -> str:
    """States that are lost below their tolerance, and those that come back by themselves."""
    return "\n".join(
        [
            "def watch(y, g, t, atol, rtol, own, renewing):",
            f"    for place in range({n_renewing}):",
            "        i = renewing[place]",
            "        size = absolute(load(y, i))",
            "        trace = load(t, i)",
            "        tolerance = number(own, i) * load(g, i)",
            "        tolerance = number(atol, i) + number(rtol, 0) * tolerance",
            "        lost = both(lt(trace, 0.5), lt(size, tolerance))",
            f"        back = both(lt(trace, 1.5), gt(size, {step.COMES_BACK!r} * tolerance))",
            "        back = both(back, gt(trace, 0.5))",
            "        store(t, i, select(back, 2.0, select(lost, 1.0, trace)))",
        ]
    )


def _accept(n_states: int) -> str:
    """Lanes whose step is accepted take the new states."""
    return "\n".join(
        [
            "def accept(u, n, accepted, sums, y):",
            "    chosen = load(accepted, 0)",
            f"    for i in range({n_states}):",
            "        after = load(u, i)",
            f"        after = select(lt(absolute(after), {step.LEAST_STATE!r}), 0.0, after)",
            "        store(y, i, select(chosen, after, load(y, i)))",
        ]
    )


def _interpolant(n_states: int, n_observed: int) -> str:
    """Coefficients of observed states between the ends of the step."""
    names = [f"k{stage}" for stage in range(STAGES)]
    return "\n".join(
        [
            "def interpolant(k, observed, b):",
            f"    for place in range({n_observed}):",
            "        i = observed[place]",
            *(f"        k{stage} = load(k, {stage * n_states} + i)" for stage in range(STAGES)),
            *(
                f"        store(b, {degree * n_observed} + place, {_sum(row.tolist(), names)})"
                for degree, row in enumerate(DENSE)
            ),
        ]
    )


def _interpolate(n_observed: int) -> str:
    """Observed states at the share x of the step, in each slot those of the lane picked for it."""
    return "\n".join(
        [
            "def interpolate(y, u, b, observed, picks, x, z):",
            "    share = load(x, 0)",
            "    rest = 1.0 - share",
            f"    for place in range({n_observed}):",
            "        i = observed[place]",
            *(
                f"        b{degree} = pick(b, {degree * n_observed} + place, picks)"
                for degree in range(3)
            ),
            "        inner = b0 + share * (b1 + share * b2)",
            "        ends = pick(u, i, picks) + rest * inner",
            "        store(z, i, rest * pick(y, i, picks) + share * ends)",
        ]
    )


def _pick_constants(n_read: int) -> str:
    """Constants that outputs are computed with, in each slot those of the lane picked for it."""
    return "\n".join(
        [
            "def pick_constants(c, read, picks, e):",
            f"    for place in range({n_read}):",
            "        i = read[place]",
            "        store(e, i, pick(c, i, picks))",
        ]
    )
