"""The device as Home Assistant discovers it (its documentation: MQTT, device discovery payload)."""

from collections.abc import Mapping

from anoncam import __version__
from anoncam.config.schema import ControlSettings
from anoncam.mqtt.topics import Topics

Component = Mapping[str, object]


def describe(
    topics: Topics, name: str, *, temperature: bool, snapshots: bool, control: ControlSettings
) -> dict[str, object]:
    """The content of the discovery topic.

    A component that is left out has its platform alone: that makes Home Assistant remove it.
    """
    components: dict[str, Component] = {
        "recording": {
            "platform": "binary_sensor",
            "name": "Recording",
            "device_class": "running",
            "value_template": "{{ value_json.recording }}",
        },
        "veiled": {
            "platform": "binary_sensor",
            "name": "Veiled",
            "device_class": "problem",
            "value_template": "{{ value_json.veiled }}",
        },
        "faces": {
            "platform": "sensor",
            "name": "Faces covered",
            "icon": "mdi:face-recognition",
            "state_class": "measurement",
            "value_template": "{{ value_json.faces }}",
        },
        "disk_free": {
            "platform": "sensor",
            "name": "Disk free",
            "device_class": "data_size",
            "state_class": "measurement",
            "unit_of_measurement": "GB",
            "entity_category": "diagnostic",
            "value_template": "{{ value_json.disk_free }}",
        },
        "temperature": {
            "platform": "sensor",
            "name": "Temperature",
            "device_class": "temperature",
            "state_class": "measurement",
            "unit_of_measurement": "°C",
            "entity_category": "diagnostic",
            "value_template": "{{ value_json.temperature }}",
        },
        "event": {
            "platform": "sensor",
            "name": "Last event",
            "icon": "mdi:text-box-outline",
            "entity_category": "diagnostic",
            "state_topic": topics.event,
            "value_template": "{{ value_json.event }}",
            "json_attributes_topic": topics.event,
        },
        "snapshot": {"platform": "camera", "name": "Snapshot", "topic": topics.snapshot},
        "pause": {
            "platform": "switch",
            "name": "Pause recording",
            "icon": "mdi:pause",
            "command_topic": topics.pause,
            "value_template": "{{ value_json.paused }}",
        },
        "restart": {
            "platform": "button",
            "name": "Restart",
            "device_class": "restart",
            "entity_category": "config",
            "command_topic": topics.restart,
        },
    }
    offered = set(components)
    offered -= set() if temperature else {"temperature"}
    offered -= set() if snapshots else {"snapshot"}
    offered -= set() if control.pause else {"pause"}
    offered -= set() if control.restart else {"restart"}
    return {
        "device": {
            "identifiers": [f"anoncam-{topics.id}"],
            "name": name,
            "manufacturer": "anoncam",
            "model": "camera that covers every face",
            "sw_version": __version__,
        },
        "origin": {"name": "anoncam", "sw_version": __version__},
        "components": {
            key: {**component, "unique_id": f"anoncam-{topics.id}-{key}"}
            if key in offered
            else {"platform": component["platform"]}
            for key, component in components.items()
        },
        "state_topic": topics.state,
        "availability_topic": topics.availability,
    }
