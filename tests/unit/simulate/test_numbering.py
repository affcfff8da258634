import numpy as np

from stromal.simulate.numbering import Numbering

NUMBERING = Numbering({"control": 2, "msc": 3}, 4, per_lot=2, per_study=2, per_draw=2)


def test_patients_stand_replicate_by_replicate_and_arm_by_arm():
    members = NUMBERING.members(0, 10)
    assert members.replicate.tolist() == [0] * 5 + [1] * 5
    assert members.arm.tolist() == [0, 0, 1, 1, 1] * 2
    assert members.place.tolist() == [0, 1, 0, 1, 2] * 2


def test_a_patient_keeps_the_number_however_many_there_are():
    larger = Numbering({"control": 20, "msc": 30}, 4)
    few = NUMBERING.patients(NUMBERING.members(0, 5))
    many = larger.patients(larger.members(0, 50))
    assert few.tolist() == many[[0, 1, 20, 21, 22]].tolist()


def test_every_arm_may_have_the_same_patients():
    same = Numbering({"control": 2, "msc": 2}, 1, same_patients=True)
    numbers = same.patients(same.members(0, 4))
    assert numbers[:2].tolist() == numbers[2:].tolist()


def test_studies_draws_and_lots_are_shared():
    numbers = NUMBERING.patients(NUMBERING.members(0, 20))
    assert np.unique(NUMBERING.study(numbers)).tolist() == [0, 1]
    assert np.unique(NUMBERING.draw(numbers)).tolist() == [0]
    lots = NUMBERING.lot(numbers[:5])
    assert lots[0] == lots[1]
    assert lots[2] == lots[3] != lots[4]


def test_a_number_tells_its_replicate():
    members = NUMBERING.members(0, 20)
    assert NUMBERING.replicate(NUMBERING.patients(members)).tolist() == members.replicate.tolist()
