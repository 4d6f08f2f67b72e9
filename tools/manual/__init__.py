"""Manual pages and the completion of the shell, made from the command line itself."""
