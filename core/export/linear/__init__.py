"""A penalised linear or logistic regression as scripts, a module for each framework."""
