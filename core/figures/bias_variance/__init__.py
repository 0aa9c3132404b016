"""The views of the lab "Bias and variance"."""
