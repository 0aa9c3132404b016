"""The lab "Flat and sharp minima": what it has measured, what follows from it, and what it says."""
