from stromal.report.simulation import ShownSimulation


def test_nothing_simulated_is_nothing_to_show():
    assert not ShownSimulation()
    assert ShownSimulation(replicates=1)
