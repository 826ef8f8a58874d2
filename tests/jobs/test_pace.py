from traintab.jobs.pace import Pace


def test_nothing_is_known_before_the_first_step() -> None:
    assert Pace().seconds_per_step is None
    assert Pace().eta_seconds(10) is None


def test_the_pace_is_the_seconds_over_the_steps() -> None:
    pace = Pace()
    pace.add(1, 2.0)
    pace.add(3, 2.0)
    assert pace.seconds_per_step == 1.0
    assert pace.eta_seconds(7) == 7.0


def test_an_event_without_a_step_does_not_count() -> None:
    pace = Pace()
    pace.add(1, 2.0)
    pace.add(0, 100.0)
    assert pace.seconds_per_step == 2.0


def test_only_the_last_events_count() -> None:
    pace = Pace()
    pace.add(1, 1000.0)
    for _ in range(50):
        pace.add(1, 1.0)
    assert pace.seconds_per_step == 1.0


def test_no_time_is_left_beyond_the_end() -> None:
    pace = Pace()
    pace.add(1, 1.0)
    assert pace.eta_seconds(-3) == 0.0
