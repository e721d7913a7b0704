"""Refusals of a service: nothing is written or held, and trying again may succeed."""

from typing import ClassVar

from omixa_studio.catalogue import Fault


class Refused(Exception):
    """The base of all refusals: `reason` for machines, `faults` for people.

    A refusal about money has no faults of its own: presenters word it in the reader's language.
    """

    reason: ClassVar[str]

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*(f"{fault.field}: {fault.sentence}" for fault in faults))
        self.faults = faults


class ChoiceRefused(Refused):
    """The choice does not fit the model; one fault per invalid field."""

    reason = "choice"
