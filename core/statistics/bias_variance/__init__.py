"""Bias, variance and noise, measured by drawing training sets again and again."""
