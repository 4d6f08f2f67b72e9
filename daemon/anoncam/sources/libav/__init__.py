"""What the sources that use libav share: opening, demuxing and decoding."""
