"""The settings of single sign-on by OpenID Connect, STUDIO_OIDC_*, read from the environment."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from omixa_studio import env
from omixa_studio.env import ConfigurationError
from omixa_studio.hosts import may_be_asked

# Without a provider they would do nothing, which nobody notices.
USELESS_ALONE = (
    "STUDIO_OIDC_CLIENT_ID",
    "STUDIO_OIDC_NAME",
    "STUDIO_OIDC_SCOPES",
    "STUDIO_OIDC_ROLE_CLAIM",
    "STUDIO_OIDC_ROLES",
    "STUDIO_OIDC_PROJECT_CLAIM",
    "STUDIO_OIDC_PROJECTS",
    "STUDIO_OIDC_DOMAINS",
    "STUDIO_OIDC_CONTACT",
    "STUDIO_OIDC_MATCH_MAIL",
    "STUDIO_OIDC_TRUST_SECOND_STEP",
    "STUDIO_OIDC_ONLY",
)
ROLES = ("member", "manager", "admin")
# The value of a mapping that stands for everybody whom no other value fits.
ANYBODY = "*"
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, kw_only=True)
class SingleSignOn:
    """How people come by an identity provider; without a `url` nobody does.

    `roles` and `projects` map values of a claim to a role, or to the name of a project. `domains`
    are those whose verified addresses get an account. `matches_mail` connects an account by its
    verified address, `trusts_second_step` asks for none of ours, `only` keeps passwords for admins.
    `contact` is whom to ask for an account.
    """

    url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    name: str = ""
    scopes: tuple[str, ...] = ()
    role_claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    project_claim: str = ""
    projects: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    matches_mail: bool = False
    trusts_second_step: bool = False
    only: bool = False
    contact: str = ""

    @property
    def key(self) -> str:
        """Name the provider in rows: at another one the same subject is somebody else."""
        return f"oidc-{hashlib.sha256(self.url.encode()).hexdigest()[:16]}"


def read() -> SingleSignOn:
    """Read the settings. Raises ConfigurationError."""
    url = env.text("STUDIO_OIDC_URL").rstrip("/")
    if not url:
        given = [name for name in USELESS_ALONE if env.text(name)]
        if env.secret("STUDIO_OIDC_CLIENT_SECRET"):
            given.append("STUDIO_OIDC_CLIENT_SECRET")
        if given:
            raise ConfigurationError(f"{given[0]} needs STUDIO_OIDC_URL.")
        return SingleSignOn()
    if not may_be_asked(url) or set("?#@ \n") & set(url):
        raise ConfigurationError(
            "STUDIO_OIDC_URL must be the issuer, like https://id.example.org/realms/studio; plain"
            " http is possible on this machine alone."
        )
    client_id = env.text("STUDIO_OIDC_CLIENT_ID")
    if not client_id:
        raise ConfigurationError("STUDIO_OIDC_URL needs STUDIO_OIDC_CLIENT_ID.")
    return SingleSignOn(
        url=url,
        client_id=client_id,
        client_secret=env.secret("STUDIO_OIDC_CLIENT_SECRET"),
        name=env.text("STUDIO_OIDC_NAME"),
        scopes=_scopes(),
        role_claim=env.text("STUDIO_OIDC_ROLE_CLAIM") or "groups",
        roles=_roles(),
        project_claim=env.text("STUDIO_OIDC_PROJECT_CLAIM") or "groups",
        projects=_pairs("STUDIO_OIDC_PROJECTS", "design-team=Spring campaign"),
        domains=_domains(),
        matches_mail=env.yes("STUDIO_OIDC_MATCH_MAIL"),
        trusts_second_step=env.yes("STUDIO_OIDC_TRUST_SECOND_STEP"),
        only=env.yes("STUDIO_OIDC_ONLY"),
        contact=env.text("STUDIO_OIDC_CONTACT"),
    )


def _scopes() -> tuple[str, ...]:
    scopes = tuple(
        (env.text("STUDIO_OIDC_SCOPES") or "openid profile email").replace(",", " ").split()
    )
    if "openid" not in scopes:
        raise ConfigurationError("STUDIO_OIDC_SCOPES must contain openid.")
    return scopes


def _pairs(name: str, example: str) -> dict[str, str]:
    """Read "value=meaning; value=meaning"; a value may contain "=", a meaning may not."""
    pairs = {}
    for part in filter(None, (part.strip() for part in env.text(name).split(";"))):
        value, _sign, meaning = (word.strip() for word in part.rpartition("="))
        if not value or not meaning:
            raise ConfigurationError(f"{name} must look like {example!r}, not {part!r}.")
        if value in pairs:
            raise ConfigurationError(f"{name} says twice what {value!r} means.")
        pairs[value] = meaning
    return pairs


def _roles() -> dict[str, str]:
    pairs = _pairs("STUDIO_OIDC_ROLES", "studio-admins=admin; staff=member")
    for role in pairs.values():
        if role not in ROLES:
            raise ConfigurationError(
                f"STUDIO_OIDC_ROLES may give {', '.join(ROLES[:-1])} or {ROLES[-1]}, not {role!r}."
            )
    return pairs


def _domains() -> tuple[str, ...]:
    domains = tuple(env.text("STUDIO_OIDC_DOMAINS").lower().replace(",", " ").split())
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise ConfigurationError(
                f"STUDIO_OIDC_DOMAINS must be mail domains, like example.org, not {domain!r}."
            )
    return domains
