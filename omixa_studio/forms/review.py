"""The address of a review. Saves nothing."""

from uuid import UUID


def read_run_id(text: str) -> UUID | None:
    """Return the id of a run from an address; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
