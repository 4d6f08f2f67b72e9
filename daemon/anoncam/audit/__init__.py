"""Search finished footage for faces, slower and more thoroughly than the daemon can."""
