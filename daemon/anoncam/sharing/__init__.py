"""The detector service: one detector, and so one Coral, that several cameras share."""
