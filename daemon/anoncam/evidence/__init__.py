"""The evidence: a hash-chained record of every segment, and its verification."""
