"""The views of the lab "Dropout"."""
