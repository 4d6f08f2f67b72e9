"""The anonymizer: the only maker of frames that may leave."""

from anoncam.anonymizer.anonymized import AnonymizedFrame

__all__ = ["AnonymizedFrame"]
