"""Results to Parquet: resumed runs, other runs, broken files, memory."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import polars as pl
import pytest
from tests.flat import grouped
from tests.unit.kernels.examples import DECAY, derive

from stromal.errors import InvalidInput
from stromal.kernels.backends import why_not
from stromal.kernels.door import Read
from stromal.kernels.draws import LogNormal, draw_parameters
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, AtVisits, Minimum, ValueAt
from stromal.kernels.solve import solve
from stromal.kernels.stream import digest_inputs, solve_to_parquet
from stromal.kernels.timeline import Dose, Jump, ParameterChange
from stromal.models.parse import read_model
from stromal.store.files import put_whole
from stromal.store.manifest import read_manifest

POPULATION = {"k": LogNormal(0.5, 0.3)}
OPTIONS = {
    "times": [0.0, 10.0],
    "reducers": [Area("drug"), Minimum("drug")],
    "intervals": 20,
    "patients": 45,
    "chunk": 10,
    "doses": pl.DataFrame(
        {
            "patient": [None, 3, 33],
            "day": [0.0, 1.0, 2.0],
            "state": ["drug"] * 3,
            "amount": [1.0, 2.0, 3.0],
        }
    ),
}


@pytest.fixture(scope="module")
def kernel():
    return compile_kernel(derive(DECAY), outputs=["drug"], vary=["k"], dosed=["drug"])


def _draw(first, count):
    return draw_parameters(1, first, count, POPULATION)


def _files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _asked(**flat):
    """Trajectories are written only where a test asks for them."""
    return grouped(**{"keep": False, **flat})


def test_same_numbers_as_in_one_run(kernel, tmp_path):
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    options = {key: OPTIONS[key] for key in ("times", "reducers", "intervals", "doses")}
    whole = solve(kernel, _draw(0, 45), **_asked(**options))
    assert stream.patients().collect().equals(whole.patients())
    assert (stream.n_patients, stream.computed) == (45, 45)


class _Interrupted(Exception):
    pass


def test_resumed_runs_are_the_same_byte_for_byte(kernel, tmp_path):
    whole = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "whole", **_asked(keep=True, **OPTIONS)
    )

    def stop(progress):
        if progress.done >= 20:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        solve_to_parquet(
            kernel, _draw, folder=tmp_path / "cut", **_asked(keep=True, progress=stop, **OPTIONS)
        )
    told = []
    resumed = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "cut", **_asked(keep=True, progress=told.append, **OPTIONS)
    )
    assert resumed.computed == 25
    assert resumed.digest == whole.digest
    assert _files(tmp_path / "cut") == _files(tmp_path / "whole")
    assert [(one.done, one.before) for one in told] == [
        (10, 10),
        (20, 20),
        (30, 20),
        (40, 20),
        (45, 20),
    ]
    assert resumed.values().collect().height == 90
    assert resumed.values().select(pl.col("patient").max()).collect().item() == 44


@pytest.mark.parametrize("harm", ["cut short", "gone"])
def test_broken_files_are_made_anew(kernel, tmp_path, harm):
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    before = _files(tmp_path)
    broken = tmp_path / "patients-00002.parquet"
    if harm == "gone":
        broken.unlink()
    else:
        broken.write_bytes(broken.read_bytes()[:50])
    again = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert (again.computed, again.digest) == (10, stream.digest)
    assert _files(tmp_path) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"run": [], "versions": {}, "inputs": {}, "outputs": {}}',
        '{"run": {}, "versions": {}, "inputs": {"00000": {}}, "outputs": {}}',
        '{"run": {}, "versions": {}, "inputs": {}, "outputs": 3}',
        '{"study": "itp-dose", "files": {}}',
    ],
)
def test_what_is_no_manifest_is_left_as_it_is(kernel, tmp_path, text):
    manifest = tmp_path / "manifest.json"
    manifest.write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match="is not what a run like this writes"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert manifest.read_text("utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_without_its_manifest_a_run_is_made_anew(kernel, tmp_path):
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    (tmp_path / "manifest.json").unlink()
    again = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert (again.computed, again.digest) == (45, stream.digest)


@pytest.mark.parametrize("name", ["manifest.json", "patients-00001.parquet"])
def test_a_folder_where_a_file_should_be(kernel, tmp_path, name):
    (tmp_path / name / "inside").mkdir(parents=True)
    with pytest.raises(InvalidInput, match=f"{name} (cannot be written|is not what)"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_run_of_another_engine_is_not_gone_on_with(kernel, tmp_path, monkeypatch):
    solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    monkeypatch.setattr("stromal.kernels.stream._digest_of_engine", lambda: "a later one")
    with pytest.raises(InvalidInput, match="holds a run with other engine"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))


def test_nothing_is_written_where_an_argument_is_wrong(kernel, tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(InvalidInput) as error:
        solve_to_parquet(
            kernel,
            _draw,
            folder=folder,
            **_asked(rtol="x", **{**OPTIONS, "intervals": 0, "times": [2.0, 1.0]}),
        )
    assert len(error.value.issues) == 3
    assert not folder.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"doses": pl.DataFrame({"patient": [39], "day": [99.0], "state": "drug", "amount": [1.0]})},
        {"doses": [Dose(1.0, "drug", np.where(np.arange(40) < 39, 1.0, np.nan))]},
        {"jumps": [Jump(1.0, "durg", 0.5, patients=[39])]},
        {"parameter_changes": [ParameterChange([1.0, 99.0], "ke", 0.5, patients=[0, 39])]},
    ],
)
def test_what_is_wrong_for_the_last_patient_is_said_before_the_first_is_run(
    kernel, tmp_path, wrong
):
    folder = tmp_path / "deep" / "run"
    with pytest.raises(InvalidInput):
        solve_to_parquet(kernel, _draw, folder=folder, **_asked(**{**OPTIONS, **wrong}))
    assert list(tmp_path.iterdir()) == []


def test_what_compartments_are_is_part_of_a_run(tmp_path):
    text = "{} V = 2; k = 1; x = 1; x' = -k*x/V"
    with_volume, without = (
        compile_kernel(read_model(text.format(of)), outputs=["x"], vary=["V"])
        for of in ("compartment", "")
    )
    run = {"times": [0.0, 1.0], "reducers": [Minimum("x")]}
    solve_to_parquet(with_volume, {"V": [1.0, -1.0]}, folder=tmp_path, **_asked(**run))
    with pytest.raises(InvalidInput, match="volumes"):
        solve_to_parquet(without, {"V": [1.0, -1.0]}, folder=tmp_path, **_asked(**run))


def test_a_finished_run_computes_nothing(kernel, tmp_path):
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    before = _files(tmp_path)
    assert read_manifest(tmp_path).digest == stream.digest
    again = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert (again.computed, again.digest, again.files) == (0, stream.digest, stream.files)
    assert _files(tmp_path) == before


def test_the_manifest_is_written_once_for_each_chunk(kernel, tmp_path, monkeypatch):
    written = []

    def note(path, write):
        written.append(path.name)
        put_whole(path, write)

    monkeypatch.setattr("stromal.store.manifest.put_whole", note)
    monkeypatch.setattr("stromal.store.stream_folder.put_whole", note)
    solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert written.count("manifest.json") == 5
    assert len(written) == 10


def test_a_run_goes_on_however_numbers_of_its_reducers_are_written(kernel, tmp_path):
    def run(after, times):
        reducers = [Area("drug", window=(after, None)), ValueAt("drug", times)]
        return solve_to_parquet(
            kernel, _draw, folder=tmp_path, **_asked(**{**OPTIONS, "reducers": reducers})
        )

    run(1, (2, 3))
    for after, times in ((1.0, (2.0, 3.0)), (np.float64(1), [2, np.int64(3)])):
        assert run(after, times).computed == 0
    with pytest.raises(InvalidInput, match="holds a run with other reducers"):
        run(1.5, (2, 3))
    with pytest.raises(InvalidInput, match="holds a run with other reducers"):
        run(1, (2, 4))


def test_reducers_that_can_be_read_only_once_reach_every_chunk(kernel, tmp_path):
    listed = solve_to_parquet(kernel, _draw, folder=tmp_path / "a", **_asked(**OPTIONS))
    once = {**OPTIONS, "reducers": iter(OPTIONS["reducers"])}
    assert (
        solve_to_parquet(kernel, _draw, folder=tmp_path / "b", **_asked(**once)).digest
        == listed.digest
    )


def test_a_stream_is_one_line(kernel, tmp_path):
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert repr(stream) == f"<Stream {tmp_path}: 45 patients, 45 of them computed by this call>"


def test_tables_that_are_drawn_number_patients_from_the_first_or_from_zero(kernel, tmp_path):
    plain = solve_to_parquet(kernel, _draw, folder=tmp_path / "plain", **_asked(**OPTIONS))

    def numbered(begin):
        def draw(first, count):
            start = begin(first)
            numbers = pl.Series(range(start, start + count), dtype=pl.Int64)
            return pl.DataFrame(_draw(first, count)).with_columns(patient=numbers)

        return draw

    for name, begin in (("true", lambda first: first), ("zero", lambda _first: 0)):
        stream = solve_to_parquet(
            kernel, numbered(begin), folder=tmp_path / name, **_asked(**OPTIONS)
        )
        assert stream.digest == plain.digest
    with pytest.raises(InvalidInput, match="patients are out of order"):
        solve_to_parquet(
            kernel, numbered(lambda first: first + 1), folder=tmp_path / "off", **_asked(**OPTIONS)
        )


def test_another_run_is_not_written_over(kernel, tmp_path):
    solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    with pytest.raises(InvalidInput, match="holds a run with other times, intervals"):
        solve_to_parquet(
            kernel, _draw, folder=tmp_path, **_asked(**{**OPTIONS, "times": [9.0], "intervals": 4})
        )
    with pytest.raises(InvalidInput, match="other parameters, doses, jumps or changes"):
        solve_to_parquet(
            kernel,
            lambda first, count: draw_parameters(2, first, count, POPULATION),
            folder=tmp_path,
            **_asked(**OPTIONS),
        )


def test_a_run_of_another_precision_is_another_run(kernel, tmp_path):
    reason = why_not("lanes")
    if reason is not None:
        pytest.skip(f"lanes: {reason}")
    options = {**OPTIONS, "rtol": 1e-5}
    rough = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "f32", **_asked(precision="f32", **options)
    )
    run = json.loads((rough.folder / "manifest.json").read_text("utf-8"))["run"]
    assert (run["backend"], run["precision"]) == ("lanes", "f32")
    again = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "f32", **_asked(precision="f32", **options)
    )
    assert (again.computed, again.digest) == (0, rough.digest)
    with pytest.raises(InvalidInput, match="holds a run with other backend, precision"):
        solve_to_parquet(kernel, _draw, folder=tmp_path / "f32", **_asked(**options))
    fine = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "f64", **_asked(backend="lanes", **options)
    )
    with pytest.raises(InvalidInput, match="holds a run with other precision"):
        solve_to_parquet(
            kernel, _draw, folder=tmp_path / "f64", **_asked(precision="f32", **options)
        )
    assert fine.digest != rough.digest


def test_manifest_names_no_time_and_no_place(kernel, tmp_path):
    solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    text = (tmp_path / "manifest.json").read_text("utf-8")
    assert str(tmp_path) not in text
    assert json.loads(text)["run"]["backend"] == "numpy"


def test_a_folder_that_cannot_be_written(kernel, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InvalidInput, match="cannot be written"):
        solve_to_parquet(kernel, _draw, folder=tmp_path / "file", **_asked(**OPTIONS))


def test_parameters_as_a_table(kernel, tmp_path):
    options = {**OPTIONS, "patients": None}
    given = {"k": _draw(0, 45)["k"]}
    stream = solve_to_parquet(kernel, given, folder=tmp_path / "a", **_asked(**options))
    assert (
        stream.digest
        == solve_to_parquet(kernel, _draw, folder=tmp_path / "b", **_asked(**OPTIONS)).digest
    )
    with pytest.raises(InvalidInput, match="of 45 patients, not 7"):
        solve_to_parquet(
            kernel, given, folder=tmp_path / "c", **_asked(**{**options, "patients": 7})
        )
    with pytest.raises(InvalidInput, match="patients is None"):
        solve_to_parquet(kernel, _draw, folder=tmp_path / "c", **_asked(**options))


def test_no_patients(kernel, tmp_path):
    options = {**OPTIONS, "patients": 0, "doses": None}
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**options))
    assert (stream.n_patients, stream.computed) == (0, 0)


def test_memory_does_not_grow_with_patients(kernel, tmp_path):
    def peak(patients):
        options = {**OPTIONS, "patients": patients, "chunk": 50, "doses": None, "threads": 1}
        options["backend"] = "numpy"
        tracemalloc.start()
        solve_to_parquet(kernel, _draw, folder=tmp_path / str(patients), **_asked(**options))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(50)
    assert peak(800) < 1.5 * peak(100)


def test_failed_patients_are_written_with_their_reason(kernel, tmp_path):
    stream = solve_to_parquet(
        kernel,
        {"k": [0.5, np.nan]},
        Read([1.0], reducers=[Area("drug")], keep=False),
        folder=tmp_path,
    )
    assert stream.patients().select("area(drug)").collect()["area(drug)"].is_null().to_list() == [
        False,
        True,
    ]


def test_runs_from_a_day_before_zero_with_changes_of_each_patients_own(kernel, tmp_path):
    changes = pl.DataFrame(
        {"patient": [4, 17], "day": [-2.0, 3.0], "parameter": ["k"] * 2, "value": [0.1, 0.9]}
    )
    more = {"start": -5.0, "parameter_changes": changes}
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS, **more))
    options = {key: OPTIONS[key] for key in ("times", "reducers", "intervals", "doses")}
    whole = solve(kernel, _draw(0, 45), **_asked(**options, **more))
    assert stream.patients().collect().equals(whole.patients())
    with pytest.raises(InvalidInput, match="another folder"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))


def test_events_that_can_be_read_only_once_reach_every_chunk(kernel, tmp_path):
    jumps = [Jump(1.0, "drug", 0.1), Jump(2.0, "drug", 0.5)]
    given = {**OPTIONS, "reducers": [Minimum("drug")]}
    once = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "a", **_asked(jumps=iter(jumps), **given)
    )
    listed = solve_to_parquet(kernel, _draw, folder=tmp_path / "b", **_asked(jumps=jumps, **given))
    assert once.patients().collect().equals(listed.patients().collect())


@pytest.mark.parametrize("patient", [45, -1, 9.5])
def test_a_dose_to_nobody_is_no_dose_left_out(kernel, tmp_path, patient):
    doses = pl.DataFrame({"patient": [patient], "day": [1.0], "state": "drug", "amount": [1.0]})
    with pytest.raises(InvalidInput, match="there is no patient"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**{**OPTIONS, "doses": doses}))


@pytest.mark.parametrize("drawn", [{}, {"k": 1.0}, {"k": [1.0, 2.0]}])
def test_as_many_patients_as_were_asked_for_are_drawn(kernel, tmp_path, drawn):
    with pytest.raises(InvalidInput, match="were drawn where 10 were asked for"):
        solve_to_parquet(kernel, lambda _first, _count: drawn, folder=tmp_path, **_asked(**OPTIONS))


@pytest.mark.parametrize("chunk", [0, -5, 2.5])
def test_chunks_are_of_whole_patients(kernel, tmp_path, chunk):
    with pytest.raises(InvalidInput, match="chunk is"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**{**OPTIONS, "chunk": chunk}))


def test_files_of_a_lost_run_are_no_results(kernel, tmp_path):
    solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    (tmp_path / "manifest.json").unlink()
    doses = OPTIONS["doses"].filter(pl.col("patient").fill_null(0) < 15)
    again = solve_to_parquet(
        kernel, _draw, folder=tmp_path, **_asked(**{**OPTIONS, "patients": 15, "doses": doses})
    )
    assert again.patients().collect().height == 15


def test_numbers_of_each_patient_are_those_of_the_whole_run(kernel, tmp_path):
    days = np.linspace(1.0, 2.0, 40)[:, None]
    jumps = [Jump(days, "drug", np.linspace(0.1, 0.9, 40))]
    doses = [Dose(days, "drug", np.arange(40.0), duration=2, every=3, count=2)]
    options = {"times": [0.0, 10.0], "reducers": [Area("drug")], "jumps": jumps, "doses": doses}
    stream = solve_to_parquet(
        kernel, _draw, folder=tmp_path / "a", patients=40, **_asked(chunk=10, **options)
    )
    whole = solve(kernel, _draw(0, 40), **_asked(**options))
    assert stream.patients().collect().equals(whole.patients())
    with pytest.raises(InvalidInput, match=r"`drug`: factor has shape \(10,\), for 40 patients"):
        solve_to_parquet(
            kernel,
            _draw,
            folder=tmp_path / "b",
            patients=40,
            **_asked(chunk=10, **{**options, "jumps": [Jump(1.0, "drug", np.ones(10))]}),
        )


def test_nobody_is_an_empty_table_and_values_that_were_not_kept_are_an_issue(kernel, tmp_path):
    options = {**OPTIONS, "patients": 0, "doses": None}
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**options))
    assert stream.patients().collect().height == 0
    with pytest.raises(InvalidInput, match="were not kept"):
        stream.values()


def test_every_digit_of_every_input_counts():
    one = np.ones((2, 1))
    events = [
        [[]],
        [[Dose(1.0, "drug", 1.0)]],
        [[Dose(1.0, "drug", 1.0 + 2**-52)]],
        [[Dose(1.0, "drug", [1.0, 1.0])]],
        [[Dose(1.0, "cells", 1.0)]],
        [pl.DataFrame({"day": [1.0]})],
    ]
    digests = {digest_inputs(one, each) for each in events}
    digests |= {digest_inputs(np.nextafter(one, 2.0), []), digest_inputs(one, [])}
    assert len(digests) == len(events) + 2


def test_a_run_of_other_libraries_is_not_gone_on_with(kernel, tmp_path, monkeypatch):
    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))
    assert read_manifest(stream.folder).versions.keys() >= {"numba", "polars"}
    monkeypatch.setattr("stromal.kernels.stream.read_versions", lambda _names: {"numba": "9"})
    with pytest.raises(InvalidInput, match="holds a run with other versions"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **_asked(**OPTIONS))


def test_days_of_each_patient_are_those_of_the_whole_run(kernel, tmp_path):
    days = np.linspace(0.5, 9.5, 45)
    days[7] = np.nan

    def asked(days):
        reducers = [Area("drug", window=(days, None)), AtVisits("drug", {"own": days})]
        return _asked(**{**OPTIONS, "reducers": reducers})

    stream = solve_to_parquet(kernel, _draw, folder=tmp_path, **asked(days))
    found = stream.patients().select("area(drug)", "at(drug)[own]").collect()
    options = {key: OPTIONS[key] for key in ("times", "intervals", "doses")}
    reducers = [Area("drug", window=(days, None)), AtVisits("drug", {"own": days})]
    whole = solve(kernel, _draw(0, 45), **grouped(**options, reducers=reducers)).patients()
    assert found.equals(whole.select(found.columns))
    assert found["area(drug)"].is_null().to_list() == np.isnan(days).tolist()
    assert solve_to_parquet(kernel, _draw, folder=tmp_path, **asked(days)).computed == 0
    with pytest.raises(InvalidInput, match="other reducers"):
        solve_to_parquet(kernel, _draw, folder=tmp_path, **asked(days[::-1]))
    for wrong, words in (
        (days[:9], "times of 9 patients, for 45"),
        (days + 1.0, "outside the run"),
    ):
        with pytest.raises(InvalidInput, match=words):
            solve_to_parquet(kernel, _draw, folder=tmp_path, **asked(wrong))
