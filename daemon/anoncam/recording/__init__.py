"""Where anonymized frames go: encoder, segments, storage, retention, whole files."""
