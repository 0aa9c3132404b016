"""Training outside the web process: runs as chains of links, computed by the workers of a Dask cluster.

`core.engine.runs` is what pages and the server call. Behind it, each file has one job: ``plan`` (what the links of a run are), ``work`` (what a
worker does for one), ``launcher`` (scheduler and workers on this machine), ``cluster`` (the connection to them, and what happens when it is lost),
``dispatcher`` (whose turn it is), ``film`` and ``checkpoints`` (what has been computed), ``viewer`` and ``run`` (who wants how much of it),
``registry`` (all runs, and their caps), ``settings`` (what an operator sets).
"""
