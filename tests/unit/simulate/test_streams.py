import numpy as np

from stromal.simulate.streams import Streams


def test_a_number_has_its_draw_whoever_is_drawn_with_it():
    every = Streams(3, np.arange(1000))
    some = Streams(3, np.array([999, 2, 2]))
    assert some.uniforms("a").tolist() == every.uniforms("a")[[999, 2, 2]].tolist()


def test_streams_of_other_names_and_seeds_differ():
    numbers = np.arange(50)
    found = [Streams(seed, numbers).normals(name) for seed, name in ((1, "a"), (1, "b"), (2, "a"))]
    assert not np.allclose(found[0], found[1])
    assert not np.allclose(found[0], found[2])


def test_normals_are_normal():
    drawn = Streams(1, np.arange(20_000)).normals("a")
    assert abs(drawn.mean()) < 0.03
    assert abs(drawn.std() - 1) < 0.02
