from tools.bench.blur import crowd


def test_a_crowd_lies_in_the_picture_and_no_face_overlaps_another() -> None:
    boxes = crowd(100)
    assert all(
        0 <= left < right <= 1920 and 0 <= top < bottom <= 1080
        for left, top, right, bottom in boxes
    )
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in boxes[:number]
        )
