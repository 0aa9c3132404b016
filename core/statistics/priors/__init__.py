"""Priors over weights, the posteriors that data make of them, and the penalised minimum that is the posterior's mode."""
