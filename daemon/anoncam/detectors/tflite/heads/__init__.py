"""How the outputs of a model become detections: one file per kind of head."""
