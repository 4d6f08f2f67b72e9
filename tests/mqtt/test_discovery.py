"""The keys are those of Home Assistant's documentation (MQTT; its page of each platform)."""

from collections.abc import Mapping
from typing import Any

import pytest

from anoncam.config.schema import ControlSettings
from anoncam.mqtt.discovery import describe
from anoncam.mqtt.topics import Topics

ENTITY = {"platform", "name", "unique_id", "icon", "entity_category", "enabled_by_default"}
ENTITY |= {"json_attributes_topic", "json_attributes_template", "availability_topic", "qos"}
KEYS = {
    "binary_sensor": ENTITY
    | {"state_topic", "device_class", "value_template", "payload_on", "payload_off", "off_delay"},
    "sensor": ENTITY
    | {"state_topic", "device_class", "value_template", "state_class", "unit_of_measurement"}
    | {"suggested_display_precision", "expire_after", "force_update"},
    "camera": ENTITY | {"topic", "image_encoding"},
    "switch": ENTITY
    | {"state_topic", "command_topic", "value_template", "payload_on", "payload_off", "state_on"},
    "button": ENTITY | {"command_topic", "payload_press", "device_class"},
}
DEVICE = {"identifiers", "connections", "name", "manufacturer", "model", "model_id", "sw_version"}
DEVICE |= {"hw_version", "serial_number", "suggested_area", "configuration_url", "via_device"}
ORIGIN = {"name", "sw_version", "support_url"}
ROOT = {"device", "origin", "components", "state_topic", "command_topic", "availability_topic"}
ROOT |= {"availability", "availability_mode", "availability_template", "qos", "encoding"}
ROOT |= {"payload_available", "payload_not_available"}

CLASSES = {
    "binary_sensor": {"running", "problem", "connectivity", "motion"},
    "sensor": {"data_size", "temperature", "timestamp"},
    "button": {"restart", "update", "identify"},
}
UNITS = {"data_size": {"bit", "B", "kB", "MB", "GB", "TB"}, "temperature": {"°C", "°F", "K"}}

TOPICS = Topics.of("garden")


ALL = ControlSettings(pause=True, restart=True)


def described(*, offered: bool = True, control: ControlSettings = ALL) -> dict[str, Any]:
    return describe(TOPICS, "Garden", temperature=offered, snapshots=offered, control=control)


def components() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = described()["components"]
    return found


def test_the_payload_has_documented_keys_alone_and_all_that_are_required() -> None:
    payload = described()
    assert set(payload) <= ROOT
    assert set(payload["device"]) <= DEVICE
    assert set(payload["origin"]) <= ORIGIN
    assert {"device", "origin", "components"} <= set(payload)
    assert payload["device"]["identifiers"]
    assert payload["origin"]["name"]


@pytest.mark.parametrize("key", list(described()["components"]))
def test_each_component_has_documented_keys_a_class_and_a_unit_that_exist(key: str) -> None:
    component = components()[key]
    platform = component["platform"]
    assert set(component) <= KEYS[platform]
    assert component["unique_id"] == f"anoncam-garden-{key}"
    kind = component.get("device_class")
    assert kind is None or kind in CLASSES[platform]
    assert component.get("unit_of_measurement") in UNITS.get(str(kind), {None})
    assert component.get("entity_category") in {None, "config", "diagnostic"}


def test_no_two_components_have_one_unique_id() -> None:
    identities = [component["unique_id"] for component in components().values()]
    assert len(set(identities)) == len(identities)


def test_what_is_left_out_has_its_platform_alone_so_that_home_assistant_removes_it() -> None:
    found = described(offered=False, control=ControlSettings())["components"]
    assert found["temperature"] == {"platform": "sensor"}
    assert found["snapshot"] == {"platform": "camera"}
    assert found["pause"] == {"platform": "switch"}
    assert found["restart"] == {"platform": "button"}
