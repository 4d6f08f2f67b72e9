"""The one module of it that matters here."""
