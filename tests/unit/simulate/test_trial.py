def test_a_trial_says_what_is_looked_at_in_the_order_of_days(trial_of):
    after = '\n[[simulation.observations]]\nanalytes = ["platelets"]\ndays = [3]\n'
    days = [sampling.day for sampling in trial_of(after=after).samplings]
    assert days == sorted(days)
    assert 3.0 in days
