"""The compiled back end: what is asked of it besides the contract of `test_problem.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.kernels.solvers.programs import decay, pose, robertson, run, square

from stromal.kernels.solvers import scalar_solver
from stromal.kernels.solvers.scalar_loop import integrate_patients


def test_one_loop_serves_all_programs():
    for program in (decay, robertson, square):
        run("scalar", program, [[1.0] * len(program.parameter_names)], [0, 0.1])
    assert len(integrate_patients.signatures) == 1


def test_functions_are_found_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("STROMAL_CACHE", str(tmp_path))
    scalar_solver.load_functions(decay)
    again = scalar_solver.load_functions(decay).kept
    assert all(function.cache_hits == 1 for function in again)


def test_programs_of_equal_functions_are_compiled_once(monkeypatch, tmp_path):
    monkeypatch.setenv("STROMAL_CACHE", str(tmp_path))
    scalar_solver.load_functions(decay)
    other = replace(decay, name="other", source=f"# Another name.\n{decay.source}", digest="0" * 64)
    again = scalar_solver.load_functions(other).kept
    assert all(function.cache_hits == 1 for function in again)


def test_works_where_nothing_can_be_kept(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STROMAL_CACHE", str(tmp_path / "file"))
    functions = scalar_solver.load_functions(decay)
    answer = scalar_solver.integrate(functions, pose(decay, [[0.0, 3.0]], [0.0, 1.0]))
    assert answer.values[0, :, 0] == pytest.approx([3.0, 3.0])
    assert (tmp_path / "file").read_text() == ""
