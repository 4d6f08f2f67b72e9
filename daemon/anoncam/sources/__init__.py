"""Where frames come from: one file per backend, all behind the protocol `Source`."""
