"""What a page learns of its models: bills, and which of them the gateway refused."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.conf import settings

from omixa_studio.catalogue import Catalogue
from omixa_studio.queries.refusals import refused_lately
from omixa_studio.services.pricing import Terms, terms_now


@dataclass(frozen=True)
class Lately:
    """The terms and the refused models of a whole catalogue, each read once, and if asked for."""

    catalogue: Catalogue

    @cached_property
    def terms(self) -> Terms:
        """Return the terms of all its models."""
        return terms_now(self.catalogue, self.catalogue.models.values())

    @cached_property
    def refused(self) -> set[str]:
        """Return the models whose newest finished call was refused."""
        return refused_lately(settings.GATEWAY_TARGET, self.catalogue.models)

    def terms_within(self, ruled: Catalogue) -> Terms:
        """Return the same terms for what is allowed of the catalogue."""
        return replace(self.terms, catalogue=ruled)
