"""The detector in a process of its own: the parent's side, the child's side, and their messages."""
