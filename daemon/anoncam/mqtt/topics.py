"""The names of all topics of one camera."""

import re
from dataclasses import dataclass

BIRTH = "homeassistant/status"
"""Where Home Assistant says ``online`` when it starts, and wants to hear everything again."""


@dataclass(frozen=True)
class Topics:
    """Topics below ``anoncam/ID``, and the one that Home Assistant discovers the device by.

    >>> Topics.of("Back garden").state
    'anoncam/back-garden/state'
    """

    id: str

    @classmethod
    def of(cls, name: str) -> "Topics":
        """The topics of a camera with this name."""
        return cls(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "anoncam")

    @property
    def discovery(self) -> str:
        """The retained description of the device."""
        return f"homeassistant/device/anoncam-{self.id}/config"

    @property
    def availability(self) -> str:
        """``online`` or ``offline``; the broker itself says the latter when the connection ends."""
        return f"anoncam/{self.id}/availability"

    @property
    def state(self) -> str:
        """What the daemon does, in JSON."""
        return f"anoncam/{self.id}/state"

    @property
    def event(self) -> str:
        """The last event, in JSON."""
        return f"anoncam/{self.id}/event"

    @property
    def snapshot(self) -> str:
        """A JPEG."""
        return f"anoncam/{self.id}/snapshot"

    @property
    def pause(self) -> str:
        """Where Home Assistant says ``ON`` or ``OFF``."""
        return f"anoncam/{self.id}/pause/set"

    @property
    def restart(self) -> str:
        """Where Home Assistant says ``PRESS``."""
        return f"anoncam/{self.id}/restart/set"

    @property
    def commands(self) -> tuple[str, ...]:
        """All topics that are listened to for commands."""
        return self.pause, self.restart

    @property
    def retained(self) -> tuple[str, ...]:
        """All topics whose last message the broker keeps."""
        return self.discovery, self.availability, self.state, self.event, self.snapshot
