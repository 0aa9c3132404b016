"""Figures of the lab "Batch norm": what was measured with and without it -> scenes."""
