"""What prevents a recording on this machine: one module per thing that is checked."""
