"""The database tables."""

from .acts import Act, ActKind
from .blind_tests import Ballot, BlindTest, Contestant, Pair, Sample, Verdict, Vote
from .generations import (
    LEGAL_STEPS,
    OPEN_STATES,
    Generation,
    GenerationInput,
    InputImage,
    State,
)
from .ledger import Charge, Kind
from .limits import Balance, BalanceKey, Limit, Scope
from .locks import Lock
from .lost import LostCall
from .money import MICRO, dollars, micros
from .pauses import Brake, Pause
from .people import Person, Role
from .periods import Period
from .pictures import AnswerFile, Picture
from .presets import Preset
from .prices import BilledPrice
from .prompts import UsedPrompt
from .runs import Run, RunKind
from .workers import WorkerSeen

__all__ = [
    "LEGAL_STEPS",
    "MICRO",
    "OPEN_STATES",
    "Act",
    "ActKind",
    "AnswerFile",
    "Balance",
    "BalanceKey",
    "Ballot",
    "BilledPrice",
    "BlindTest",
    "Brake",
    "Charge",
    "Contestant",
    "Generation",
    "GenerationInput",
    "InputImage",
    "Kind",
    "Limit",
    "Lock",
    "LostCall",
    "Pair",
    "Pause",
    "Period",
    "Person",
    "Picture",
    "Preset",
    "Role",
    "Run",
    "RunKind",
    "Sample",
    "Scope",
    "State",
    "UsedPrompt",
    "Verdict",
    "Vote",
    "WorkerSeen",
    "dollars",
    "micros",
]
