"""The models that are known by name: what each is, where it comes from, and how it gets here."""
