"""The order of statements: what is waited for longest comes first, nothing before its time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stromal.kernels.compile.schedule import CYCLES, INSTRUCTIONS, Task, order_tasks


@st.composite
def tasks(draw):
    made = []
    for place in range(draw(st.integers(0, 30))):
        earlier = st.lists(st.integers(0, max(place - 1, 0)), max_size=3, unique=True)
        needs = draw(earlier) if place else ()
        kind = draw(st.sampled_from(sorted(CYCLES)))
        made.append(Task(tuple(needs), CYCLES[kind], INSTRUCTIONS[kind]))
    return made


@given(tasks())
def test_every_statement_comes_once_and_after_what_it_reads(made):
    order = order_tasks(made)
    assert sorted(order) == list(range(len(made)))
    place = {task: at for at, task in enumerate(order)}
    assert all(place[need] < place[at] for at, task in enumerate(made) for need in task.needs)


def test_exponentials_that_wait_for_nothing_come_before_the_sums_that_read_none():
    slow = Task((), CYCLES["exp"], INSTRUCTIONS["exp"])
    quick = Task((), CYCLES["other"], INSTRUCTIONS["other"])
    assert order_tasks([quick, slow, quick, slow]) == [1, 3, 0, 2]


def test_the_head_of_the_longest_chain_comes_first():
    one = Task((), CYCLES["exp"], 1.0)
    chain = [one, Task((0,), CYCLES["exp"], 1.0), Task((1,), CYCLES["divide"], 1.0), one]
    assert order_tasks(chain)[:2] == [0, 3]
