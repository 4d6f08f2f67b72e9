"""From detections to tracks to coverage: which boxes to cover at each timestamp."""
