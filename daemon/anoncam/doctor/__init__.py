"""The doctor: checks what could prevent a recording on this machine, one module per subject."""
