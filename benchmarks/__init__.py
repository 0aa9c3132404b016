"""Benchmarks: each against a peer, side by side in one process, printing a table. `make bench` runs them all."""
