"""What the sources by libav share: opening, demuxing and decoding."""
