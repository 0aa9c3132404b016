"""Dropout: thinned networks, scaling, ensembles, co-adaptation, gradient noise, least squares."""
