"""Figures of the lab "Flat and sharp minima"."""
