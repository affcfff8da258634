"""Programs written by hand, as the generator would write them: for tests of the solvers."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

import numpy as np

from stromal.kernels.compile.program import Program
from stromal.kernels.solvers.problem import pose_problem
from stromal.kernels.timeline import Kind, Timeline, no_changes

DECAY = """
def constants(p, c):
    c[0] = p[0]
    c[1] = p[1]

def initial(c, y):
    y[0] = c[1]

def rates(y, c, f):
    f[0] = -c[0] * y[0]

def factor(y, c, d, f, w):
    f[0] = -c[0] * y[0]
    w[0] = 1.0 / (d + c[0])

def resolve(w, x):
    x[0] = w[0] * x[0]

def observe(y, c, o):
    o[0] = y[0]
"""

ROBERTSON = """
def constants(p, c):
    c[0] = p[0]
    c[1] = p[1]
    c[2] = p[2]

def initial(c, y):
    y[0] = 1.0
    y[1] = 0.0
    y[2] = 0.0

def rates(y, c, f):
    first = c[0] * y[0]
    second = c[1] * y[1] * y[2]
    third = c[2] * y[1] * y[1]
    f[0] = second - first
    f[1] = first - second - third
    f[2] = third

def factor(y, c, d, f, w):
    first = c[0] * y[0]
    second = c[1] * y[1] * y[2]
    third = c[2] * y[1] * y[1]
    f[0] = second - first
    f[1] = first - second - third
    f[2] = third
    a01 = -c[1] * y[2]
    a02 = -c[1] * y[1]
    a12 = c[1] * y[1]
    w[0] = 1.0 / (d + c[0])
    w[1] = a01
    w[2] = a02
    w[3] = -c[0] * w[0]
    w[4] = 1.0 / (d + c[1] * y[2] + 2.0 * c[2] * y[1] - w[3] * a01)
    w[5] = a12 - w[3] * a02
    w[6] = -2.0 * c[2] * y[1] * w[4]
    w[7] = 1.0 / (d - w[6] * w[5])

def resolve(w, x):
    x[1] = x[1] - w[3] * x[0]
    x[2] = x[2] - w[6] * x[1]
    x[2] = w[7] * x[2]
    x[1] = w[4] * (x[1] - w[5] * x[2])
    x[0] = w[0] * (x[0] - w[1] * x[1] - w[2] * x[2])

def observe(y, c, o):
    o[0] = y[0]
    o[1] = y[1]
    o[2] = y[2]
"""

VAN_DER_POL = """
def constants(p, c):
    c[0] = p[0]

def initial(c, y):
    y[0] = 2.0
    y[1] = 0.0

def rates(y, c, f):
    f[0] = y[1]
    f[1] = c[0] * ((1.0 - y[0] * y[0]) * y[1]) - y[0]

def factor(y, c, d, f, w):
    f[0] = y[1]
    f[1] = c[0] * ((1.0 - y[0] * y[0]) * y[1]) - y[0]
    w[0] = 1.0 / d
    w[1] = (2.0 * c[0] * y[0] * y[1] + 1.0) * w[0]
    w[2] = 1.0 / (d - c[0] * (1.0 - y[0] * y[0]) + w[1])

def resolve(w, x):
    x[1] = w[2] * (x[1] - w[1] * x[0])
    x[0] = w[0] * (x[0] + x[1])

def observe(y, c, o):
    o[0] = y[0]
    o[1] = y[1]
"""

FORCED = """
def constants(p, c):
    c[0] = p[0]

def initial(c, y):
    y[0] = 0.0
    y[1] = 0.0

def rates(y, c, f):
    f[0] = c[0] * (cos(y[1]) - y[0])
    f[1] = 1.0

def factor(y, c, d, f, w):
    f[0] = c[0] * (cos(y[1]) - y[0])
    f[1] = 1.0
    w[0] = 1.0 / (d + c[0])
    w[1] = c[0] * sin(y[1])
    w[2] = 1.0 / d

def resolve(w, x):
    x[1] = w[2] * x[1]
    x[0] = w[0] * (x[0] - w[1] * x[1])

def observe(y, c, o):
    o[0] = y[0]
    o[1] = y[1]
"""

SQUARE = """
def constants(p, c):
    c[0] = p[0]

def initial(c, y):
    y[0] = c[0]

def rates(y, c, f):
    f[0] = y[0] * y[0]

def factor(y, c, d, f, w):
    f[0] = y[0] * y[0]
    w[0] = 1.0 / (d - 2.0 * y[0])

def resolve(w, x):
    x[0] = w[0] * x[0]

def observe(y, c, o):
    o[0] = y[0]
    o[1] = log(y[0])
"""

# x' = -k x; at time t1 x becomes 2 x + time, at time t2 = t1 + 1 it becomes sqrt(x)
REFILLED = """
def constants(p, c):
    c[0] = p[0]
    c[1] = p[1]
    c[2] = p[1] + 1.0

def initial(c, y):
    y[0] = 1.0
    y[1] = 0.0

def rates(y, c, f):
    f[0] = -c[0] * y[0]
    f[1] = 1.0

def factor(y, c, d, f, w):
    f[0] = -c[0] * y[0]
    f[1] = 1.0
    w[0] = 1.0 / (d + c[0])
    w[1] = 1.0 / d

def resolve(w, x):
    x[0] = w[0] * x[0]
    x[1] = w[1] * x[1]

def observe(y, c, o):
    o[0] = y[0]

def jump_0(y, c, x):
    x[0] = 2.0 * y[0] + y[1]
    x[1] = y[1]

def jump_1(y, c, x):
    x[0] = sqrt(y[0])
    x[1] = y[1]
"""


def _places(array, text):
    """Places at which a function written by hand reads an array."""
    return tuple(sorted({int(place) for place in re.findall(rf"\b{array}\[(\d+)\]", text)}))


def _program(name, source, states, parameters, outputs, sizes, uses_time=False, changes=0):
    constants, factors = sizes
    observe = source.partition("def observe(")[2].partition("\ndef ")[0]
    return Program(
        name=name,
        source=source,
        lanes_source="",
        digest=name,
        state_names=states,
        parameter_names=parameters,
        parameter_defaults=(1.0,) * len(parameters),
        output_names=outputs,
        constants=constants,
        factors=factors,
        changes=changes,
        made=tuple(range(changes)),
        uses_time=uses_time,
        start=0.0,
        flows=(0.0,) * len(states),
        renewing=(),
        jacobian=(),
        order=tuple(range(len(states))),
        reads=_places("y", observe),
        reads_constants=_places("c", observe),
    )


ABC = ("a", "b", "c")
decay = _program("decay", DECAY, ("x",), ("k", "x0"), ("x",), (2, 1))
robertson = _program("robertson", ROBERTSON, ABC, ("k1", "k2", "k3"), ABC, (3, 8))
van_der_pol = _program("van_der_pol", VAN_DER_POL, ("x", "v"), ("mu",), ("x", "v"), (1, 3))
forced = _program("forced", FORCED, ("x", "time"), ("k",), ("x", "t"), (1, 3), uses_time=True)
square = _program("square", SQUARE, ("x",), ("x0",), ("x", "log_x"), (1, 1))
refilled = _program(
    "refilled", REFILLED, ("x", "time"), ("k", "t1"), ("x",), (3, 2), uses_time=True, changes=2
)


def module_of(name):
    """The back end of that name."""
    return import_module(f"stromal.kernels.solvers.{name}_solver")


@cache
def functions_of(name, program):
    """The functions of a program for a back end, compiled once for all tests."""
    return module_of(name).load_functions(program)


def with_events(timeline, days):
    """The timeline with changes of the program's own first at each patient's days, (N, K)."""
    parts, n_patients = [], len(days)
    for patient in range(n_patients):
        own = timeline.select(slice(patient, patient + 1))
        first, last = own.offsets[own.plans[0]], own.offsets[own.plans[0] + 1]
        parts += [
            (patient, day, Kind.EVENT, number, 1.0, 0.0)
            for number, day in enumerate(days[patient])
            if np.isfinite(day)
        ]
        columns = (own.times, own.kinds, own.targets, own.factors, own.amounts)
        rows = zip(*(column[first:last].tolist() for column in columns), strict=True)
        parts += [(patient, *row) for row in rows]
    parts.sort(key=lambda part: part[:3])
    plans, *columns = np.ascontiguousarray(np.array(parts).reshape(-1, 6).T)
    times, kinds, targets, factors, amounts = columns
    counts = np.bincount(plans.astype(int), minlength=n_patients)
    return Timeline(
        plans=np.arange(n_patients),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        times=times,
        kinds=kinds.astype(int),
        targets=targets.astype(int),
        factors=factors,
        amounts=amounts,
    )


def pose(program, parameters, times, **options):
    """A problem with tight tolerances and without changes unless told.

    The first of the program's own changes happens on the day that is the last parameter, the next
    a day later; with `past`, neither is to come.
    """
    parameters = np.atleast_2d(np.asarray(parameters, dtype=float))
    given = {
        "timeline": no_changes(len(parameters)),
        "rtol": 1e-8,
        "atol": 1e-11,
        "max_steps": 100_000,
        "initial_states": None,
    } | options
    if program.changes and not given.pop("past", False):
        own = parameters[:, -1:] + np.arange(program.changes)
        begin = given.get("start", 0.0)
        given["timeline"] = with_events(given["timeline"], np.where(own < begin, np.nan, own))
    return pose_problem(program, parameters, times=times, **given)


def run(name, program, parameters, times, **options):
    """Integrate with a back end, with tight tolerances and without changes unless told."""
    problem = pose(program, parameters, times, **options)
    return module_of(name).integrate(functions_of(name, program), problem)
