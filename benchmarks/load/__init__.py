"""Students without browsers, in numbers: what the lab does under them. `make load`."""
