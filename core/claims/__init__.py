"""Every claim of the five courses as an experiment: a statement, thresholds said before the run, numbers over seeds, a verdict computed from them."""
