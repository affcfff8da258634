from __future__ import annotations

from contextlib import suppress

from stromal.endpoints.records.shared import share, sharing


def _made(table, log):
    return share(table, "it", lambda: log.append(table) or len(log))


def test_within_a_run_a_thing_is_made_once_for_each_table():
    log, one, other = [], [1], [1]
    with sharing():
        assert [_made(one, log), _made(one, log), _made(other, log)] == [1, 1, 2]
        with sharing():
            assert _made(one, log) == 1
        assert _made(one, log) == 1
    assert log == [one, other]


def test_outside_a_run_nothing_is_kept():
    log, one = [], [1]
    with sharing():
        _made(one, log)
    assert [_made(one, log), _made(one, log)] == [2, 3]


def test_a_run_that_fails_keeps_nothing():
    log, one = [], [1]
    with suppress(ZeroDivisionError), sharing():
        _made(one, log)
        _ = 1 / 0
    assert _made(one, log) == 2
