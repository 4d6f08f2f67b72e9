"""The audit: whether a face can still be seen in finished footage, searched more thoroughly."""
