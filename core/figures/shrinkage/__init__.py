"""The charts of the lab "Shrinkage paths"."""
