"""From a checkpoint to TFLite and CoreML files that were compared with it: ``python -m
tools.convert``.
"""
