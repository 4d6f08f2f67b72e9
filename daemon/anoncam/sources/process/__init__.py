"""Media in a confined process of their own: the parent's side, the child's, and their messages."""
