import pytest

from anoncam.mqtt.topics import Topics


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("garden", "garden"),
        ("Back garden, 2nd floor", "back-garden-2nd-floor"),
        ("a/b#+", "a-b"),
        ("ÄÖ", "anoncam"),
    ],
)
def test_any_name_gives_topics_without_wildcards(name: str, identity: str) -> None:
    topics = Topics.of(name)
    assert topics.id == identity
    assert not {"#", "+", " "} & set("".join(topics.retained))
