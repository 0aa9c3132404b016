"""Families of multilayer perceptrons as stacked tensors: one set of operations trains all members."""
