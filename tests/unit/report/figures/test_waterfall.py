import polars as pl

from stromal.report.figures.waterfall import plot_waterfall


def draw(changes):
    frame = pl.DataFrame(
        {
            "group": ["a"] * len(changes),
            "subject": [str(n) for n in range(len(changes))],
            "change": changes,
        },
        schema_overrides={"change": pl.Float64},
    )
    return plot_waterfall(frame, name="w", title="Tumour", ylabel="Change, %", labels={"a": "MSC"})


def test_who_is_known_and_who_is_not_are_counted_apart():
    svg = draw([-90.0, -10.0, None])
    assert ">MSC<" in svg
    assert "(n = 2, 1 not known)" in svg
    assert "MSC: 1 of 2 fall by half or more" in svg


def test_growth_beyond_double_is_cut_with_an_arrow():
    assert draw([300.0]).count("<use") > draw([90.0]).count("<use")


def test_nobody_known_is_said():
    assert "no values" in draw([None])
