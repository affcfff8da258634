import re

import matplotlib as mpl

from stromal.report.figures.canvas import render_svg


def paint(drawing):
    axes = drawing.add_subplot()
    axes.plot([0, 1], [0, 1])
    axes.text(0.5, 0.5, "<b> & $5")


def picture(name="one"):
    return render_svg(paint, name=name, title="A <title>", description="Words.", height=2)


def test_a_picture_is_the_same_twice_and_leaves_settings_alone():
    before = dict(mpl.rcParams)
    assert picture() == picture()
    assert dict(mpl.rcParams) == before


def test_ids_of_two_pictures_never_meet():
    one, two = (set(re.findall(r'\sid="([^"]+)"', picture(name))) for name in ("one", "two"))
    assert one
    assert not one & two


def test_references_inside_the_picture_lead_somewhere():
    svg = picture()
    ids = set(re.findall(r'\sid="([^"]+)"', svg))
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg)) <= ids


def test_text_is_text_and_escaped():
    svg = picture()
    assert "&lt;b&gt; &amp; $5" in svg
    assert "A &lt;title&gt;</title>" in svg
    assert "DejaVu" not in svg
