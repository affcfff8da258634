from stromal.report.figures.response import Share, plot_response


def test_counts_stand_in_the_bars_and_shares_beside_them():
    parts = [Share("all", "CR", 18, 32, 0.38, 0.74), Share("all", "NR", 14, 32)]
    svg = plot_response(parts, parts[:1], name="x", title="Response")
    for text in (">18<", ">14<", "56 % (38–74)", ">CR<", "n = 32", "95 % interval"):
        assert text in svg


def test_a_group_without_patients_is_named():
    svg = plot_response(
        [Share("a", "CR", 1, 1), Share("b", "CR", 0, 0)], name="x", title="x",
        labels={"b": "an arm with a very long name that does not fit"},
    )  # fmt: skip
    assert "no patients" in svg
    assert "…" in svg


def test_without_intervals_there_is_no_second_panel():
    svg = plot_response([Share("a", "CR", 1, 1)], name="x", title="x")
    assert "interval" not in svg
