from tools.leakrate.leak_reasons import leak_reasons


def test_each_leak_has_its_reason() -> None:
    leaks = [True, False, True, True, True, False]
    tracks = [1, 1, 1, 1, 2, 3]
    parts = [0.0, 0.9, 0.4, 0.0, 0.1, 0.0]
    assert leak_reasons(leaks, tracks, parts) == [
        "found late",
        "",
        "box too small",
        "lost",
        "never detected",
        "",
    ]
