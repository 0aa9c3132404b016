"""Batch norm: with and without it from equal seeds. Studies on trained networks, small exact mathematics, and what is said of both."""
