import polars as pl

from stromal.report.figures.response import frame_shares, plot_response


def shares(*rows):
    names = ["group", "label", "events", "n", "value", "low", "high"]
    return pl.DataFrame(rows, orient="row", schema=names)


def test_counts_stand_in_the_bars_and_shares_beside_them():
    rows = shares(
        (None, "CR", 18, 32, 0.5625, 0.38, 0.74), (None, "NR", 14, 32, 0.4375, None, None)
    )
    svg = plot_response(frame_shares(rows), name="x", title="Response")
    for text in (">18<", ">14<", "56 % (38–74)", ">CR<", "All patients", "n = 32", "95 % interval"):
        assert text in svg
    assert "44 % (" not in svg


def test_a_group_without_patients_is_named():
    rows = shares(("a", "CR", 1, 1, 1.0, 0.1, 1.0), ("b", "CR", 0, 0, None, None, None))
    svg = plot_response(
        frame_shares(rows), name="x", title="x",
        labels={"b": "an arm with a very long name " * 4},
    )  # fmt: skip
    assert "no patients" in svg
    assert "…" in svg


def test_without_intervals_there_is_no_second_panel():
    rows = shares(("a", "CR", 1, 1, 1.0, None, None))
    assert "interval" not in plot_response(frame_shares(rows), name="x", title="x")


def test_combined_labels_have_no_part_of_the_bar():
    rows = shares(
        (None, "PR", 1, 3, 0.3, 0.1, 0.9), (None, "CR", 1, 3, 0.3, 0.1, 0.9),
        (None, "MR", 0, 3, 0.0, 0.0, 0.6), (None, "overall", 2, 3, 0.7, 0.2, 0.9),
        ("a", "CR", 1, 1, 1.0, 0.1, 1.0),
    )  # fmt: skip
    frame = frame_shares(rows, ["overall"], ["CR", "PR", "MR"])
    assert frame.select("group", "label", "combined").rows() == [
        ("a", "CR", False), (None, "CR", False), (None, "PR", False), (None, "overall", True),
    ]  # fmt: skip
    assert "CR: 1 of 3" in plot_response(frame, name="x", title="x")


def test_without_a_patient_there_is_nothing_to_show():
    assert frame_shares(shares((None, "CR", 0, 3, 0.0, 0.0, 0.6))).is_empty()
