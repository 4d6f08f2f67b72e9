"""Tells an MQTT broker, and by it Home Assistant, what the daemon does."""
