from collections.abc import Iterable

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings, Config, CoverageSettings, SourceSettings
from anoncam.detectors.detector import DetectorInfo
from anoncam.evidence import segment_counters
from anoncam.evidence.provenance import Provenance, summarise
from anoncam.evidence.segment_counters import OTHER_REASONS, SegmentCounters, SegmentTotals
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.frames import as_anonymized, blank, small_format

DETECTOR = DetectorInfo("a-model", "ab" * 32, (640, 384), "cpu", "it is there", "a-runtime 1.0")


def frame(sequence: int, faces: int = 0, veil: str = "") -> AnonymizedFrame:
    raw = blank(small_format())
    raw.sequence = sequence
    boxes = tuple(CoverBox((0, 0, 8, 8), f"track {number}") for number in range(faces))
    return as_anonymized(raw, Coverage(boxes, veil))


def counted(frames: Iterable[AnonymizedFrame]) -> SegmentTotals:
    counters = SegmentCounters()
    for each in frames:
        counters.add(each)
    return counters.totals(7)


def test_faces_veils_and_frames_are_counted() -> None:
    found = counted(
        [frame(5, 2), frame(6, 3), frame(7, 0, "dead"), frame(8, 1, "late"), frame(9, 0, "dead")]
    )
    assert (found.frames, found.faces, dict(found.veils)) == (5, 6, {"dead": 2, "late": 1})
    assert (found.first, found.last, found.gaps, found.missing, found.nanoseconds) == (
        5,
        9,
        0,
        0,
        7,
    )


def test_a_jump_in_the_sequence_counts_the_missing_frames() -> None:
    found = counted([frame(number) for number in (100, 101, 103, 104, 114)])
    assert (found.gaps, found.missing) == (2, 10)


def test_only_some_reasons_are_kept_but_all_veiled_frames_are_counted() -> None:
    found = counted([frame(number, veil=f"reason {number}") for number in range(1000)])
    assert len(found.veils) == segment_counters.MOST_REASONS + 1
    assert sum(found.veils.values()) == 1000
    assert found.veils[OTHER_REASONS] == 1000 - segment_counters.MOST_REASONS


def test_a_password_in_a_reason_is_hidden() -> None:
    assert "hush" not in str(counted([frame(1, veil="rtsp://bob:hush@host/x is gone")]).veils)


def test_a_frame_that_could_not_be_covered_is_counted_as_veiled_with_the_reason() -> None:
    box = CoverBox((0, 0, 8, 8), None)  # type: ignore[arg-type]
    covered = Anonymizer(AnonymizerSettings()).apply(blank(small_format()), Coverage((box,)))
    assert dict(counted([covered]).veils) == {"covering failed (AttributeError)": 1}


def test_each_provenance_is_kept_with_its_first_frame() -> None:
    before, after = (
        summarise(Config()),
        summarise(Config(coverage=CoverageSettings(persistence=3.0))),
    )
    counters = SegmentCounters()
    counters.notice(Provenance(before, None))
    for number in range(3):
        counters.add(frame(number))
        counters.notice(Provenance(before, DETECTOR))
    counters.notice(Provenance(after, DETECTOR))
    kept = counters.totals(0).provenance
    assert [number for number, _ in kept] == [0, 1, 3]
    assert [each.facts()["detector"] is None for _, each in kept] == [True, False, False]


def test_only_some_changes_of_provenance_are_kept_with_the_newest_among_them() -> None:
    counters = SegmentCounters()
    for number in range(100):
        counters.notice(
            Provenance(
                summarise(Config(coverage=CoverageSettings(persistence=float(number % 29)))), None
            )
        )
        counters.add(frame(number))
    kept = counters.totals(0).provenance
    assert len(kept) == segment_counters.MOST_CHANGES
    assert kept[-1][0] == 99


def test_the_hash_of_the_configuration_depends_on_every_setting_but_no_password() -> None:
    def with_address(address: str) -> str:
        return summarise(Config(source=SourceSettings(type="rtsp", address=address))).sha256

    assert with_address("rtsp://bob:one@host/x") == with_address("rtsp://bob:two@host/x")
    assert with_address("rtsp://bob:one@host/x") != with_address("rtsp://bob:one@host/y")
    assert summarise(Config()).sha256 == summarise(Config()).sha256
    assert (
        summarise(Config()).sha256
        != summarise(Config(coverage=CoverageSettings(persistence=3.0))).sha256
    )


def test_the_provenance_names_model_device_and_thresholds() -> None:
    facts = Provenance(summarise(Config()), DETECTOR).facts()
    assert facts["detector"] == {
        "model": "a-model",
        "sha256": "ab" * 32,
        "input": "640x384",
        "device": "cpu",
        "runtime": "a-runtime 1.0",
    }
    settings = facts["settings"]
    assert isinstance(settings, dict)
    assert settings["coverage"]["start_threshold"] == 0.85
    assert settings["anonymizer"]["fill"] == "private"
