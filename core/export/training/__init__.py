"""One network's settings as scripts, a module for each framework. Nothing here imports any of them: what is made is text."""
