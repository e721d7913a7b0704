"""The tables."""

from .generations import (
    LEGAL_STEPS,
    OPEN_STATES,
    Generation,
    GenerationInput,
    InputImage,
    State,
)
from .ledger import Charge, Kind, Limit
from .money import MICRO, dollars, micros
from .pauses import Pause
from .people import Person, Role
from .pictures import Picture
from .runs import Run, RunKind

__all__ = [
    "LEGAL_STEPS",
    "MICRO",
    "OPEN_STATES",
    "Charge",
    "Generation",
    "GenerationInput",
    "InputImage",
    "Kind",
    "Limit",
    "Pause",
    "Person",
    "Picture",
    "Role",
    "Run",
    "RunKind",
    "State",
    "dollars",
    "micros",
]
