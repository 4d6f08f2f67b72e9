"""Can a person still be told by an anonymized face? Portraits, ways to hide them, and attackers."""
