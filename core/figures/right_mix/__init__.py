"""Figures of the lab "The right mix"."""
