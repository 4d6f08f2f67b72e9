"""The evidence of what was recorded: a record per segment, chained by hash, for who must answer for the camera.

The chain is `evidence.jsonl` in the folder of the recordings, a record in each line. Beside a segment its own record
lies once more, as a sidecar that people can read, and stays there for a while when the segment is deleted.
"""
