import polars as pl

from stromal.report.figures.trajectory import plot_trajectory


def draw(values, **rest):
    labs = pl.DataFrame(
        {"subject": ["1", "1", "2"], "day": [0.0, 9.0, 0.0], "value": values,
         "label": ["CR", "CR", None]},
        schema_overrides={"value": pl.Float64},
    )  # fmt: skip
    return plot_trajectory(labs, name="x", title="Platelets", ylabel="Platelets", **rest)


def test_lines_are_coloured_and_counted_by_label():
    svg = draw([9.0, 180.0, 20.0], thresholds=(30, 5000))
    assert "CR (n = 1)" in svg
    assert "not known (n = 1)" in svg
    assert ">30<" in svg
    assert ">5000<" not in svg


def test_the_axis_is_logarithmic_only_for_a_wide_positive_range():
    assert ">200<" in draw([9.0, 180.0, 20.0])
    assert ">0<" in draw([0.0, 180.0, 20.0])


def test_days_before_the_treatment_have_ticks():
    labs = pl.DataFrame(
        {"subject": ["1"] * 2, "day": [-14.0, 28.0], "value": [5.0, 6.0], "label": ["CR"] * 2}
    )
    svg = plot_trajectory(labs, name="x", title="x", ylabel="x", thresholds=(5, 5.05))
    assert ">\u221210<" in svg
    assert ">20<" in svg


def test_no_values_is_said():
    assert "no values" in draw([None, None, None])


def test_long_names_of_the_legend_take_lines_of_their_own():
    short = draw([9.0, 180.0, 20.0])
    long = draw([9.0, 180.0, 20.0], labels={"CR": "a name that needs a line " * 3})
    assert float(long.split('viewBox="0 0 ')[1].split()[1].rstrip('"')) > float(
        short.split('viewBox="0 0 ')[1].split()[1].rstrip('"')
    )
