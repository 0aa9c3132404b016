"""The cheat sheet: comparison tables whose cells are links, a guide that asks and answers, and a translation of conventions."""
