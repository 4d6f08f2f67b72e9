"""The workstation side: it trains, converts and measures. The daemon imports nothing of it."""
