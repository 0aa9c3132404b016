"""The views of a family in training. Their numbers come from a film while it is computed; a figure says which of its columns go where."""
