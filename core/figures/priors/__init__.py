"""Figures of the lab "Priors and MAP"."""
