"""Results made visible: the only package that imports plotly. Nothing here solves anything."""
