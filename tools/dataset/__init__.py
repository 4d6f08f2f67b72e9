"""Pictures with boxes of faces, in the formats that labelling programs write."""
