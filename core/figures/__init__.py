"""Results made visible, as Plotly figures written out in plain data. Nothing here solves anything."""
