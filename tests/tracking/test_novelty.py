from anoncam.frames.chunk import CHUNK
from anoncam.tracking.novelty import Novelty
from tests.support.tracking import HIGH, LOW, MILLISECOND, PARAMETERS, PICTURE, SETTINGS, at, result


def test_a_face_is_new_until_the_result_before_has_it() -> None:
    novelty = Novelty(SETTINGS, PICTURE)
    told = [
        novelty.is_new(result(1000 + 100 * step, *faces))
        for step, faces in enumerate(
            (
                [],
                [(at(100), HIGH)],
                [(at(102), HIGH)],
                [(at(104), HIGH), (at(112), HIGH)],
                [(at(106), HIGH), (at(300, size=80), LOW)],
                [(at(108), HIGH), (at(300, size=80), LOW), (at(500), HIGH)],
                [(at(110), HIGH), (at(500), HIGH)],
            )
        )
    ]
    assert told == [False, True, False, False, False, True, False]


def test_a_face_that_moves_by_its_width_from_one_result_to_the_next_stays_new() -> None:
    novelty = Novelty(SETTINGS, PICTURE)
    assert all(
        novelty.is_new(result(1000 + 50 * step, (at(100 + 60 * step), HIGH))) for step in range(5)
    )


def test_what_is_new_in_a_chunk_does_not_depend_on_the_chunk_before_it() -> None:
    begin = CHUNK // MILLISECOND
    results = [result(begin + 50 * step, (at(100 + step), HIGH)) for step in range(4)]
    whole, part = Novelty(SETTINGS, PICTURE), Novelty(SETTINGS, PICTURE)
    whole.is_new(result(begin - 50, (at(100), HIGH)))
    assert [whole.is_new(each) for each in results] == [part.is_new(each) for each in results]


def test_more_detections_than_can_be_covered_are_nothing_new() -> None:
    novelty = Novelty(SETTINGS, PICTURE)
    noise = [(at(50 * number), HIGH) for number in range(PARAMETERS.max_detections + 1)]
    assert not novelty.is_new(result(1000, *noise))
    assert novelty.is_new(result(1100, *noise[1:]))
