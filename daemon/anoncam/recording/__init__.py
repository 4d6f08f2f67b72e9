"""Recording of anonymized frames: encoder, segment, storage thread, retention; whole files."""
