"""The lab's core: families of exact solutions, free of any front end."""
