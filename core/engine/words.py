"""What a viewer is told about a run."""

STARTING = "The training engine is starting."
AWAY = "The training engine is away and is being started again. This run will go on where it was."
NO_WORKER = "The training engine has no worker just now. This run will go on when one is back."
KILLED = "Training these networks ended its worker twice, so it was given up. Take smaller or fewer networks."
GONE = "This run is no longer held here."
LOST = "The training engine gave no answer."


def queued(place: int) -> str:
    """Return the place of a run that has not begun."""
    return f"Place {place} in the queue." if place else ""


def paused(epoch: int) -> str:
    """Return that a viewer has paused."""
    return f"Paused at epoch {epoch}."


def cancelled(epoch: int) -> str:
    """Return that a viewer has cancelled."""
    return f"Stopped at epoch {epoch}."


def ended(epoch: int) -> str:
    """Return that nothing is left to train."""
    return f"No network trains on after epoch {epoch}: each has diverged or was stopped early."
