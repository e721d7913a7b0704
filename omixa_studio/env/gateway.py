"""The gateway: its address and the key, or those of the sandbox."""

from omixa_studio.gateway.address import SANDBOX, check_base_url, target_of

from .readers import ConfigurationError, secret, text, unquoted

GATEWAY_BASE_URL = "https://www.omixa.cloud/api/v1"
SANDBOX_BASE_URL = "http://127.0.0.1:8001/api/v1"


def api_key() -> str:
    """Return the workspace key, or "" in sandbox mode."""
    return _key("OMIXA_API_KEY", secret("OMIXA_API_KEY"))


def sandbox_key() -> str:
    """Return the key of the stand-in gateway."""
    return _key("STUDIO_SANDBOX_KEY", text("STUDIO_SANDBOX_KEY", "omx_live_sandbox"))


def gateway_url() -> str:
    """Return the base address of the gateway, or of the sandbox when there is no key.

    Plain http is refused except on loopback, so that the key never travels in the open.
    """
    name, default = "OMIXA_BASE_URL", GATEWAY_BASE_URL
    if not api_key():
        name, default = "STUDIO_SANDBOX_URL", SANDBOX_BASE_URL
    try:
        return check_base_url(text(name, default))
    except ValueError as error:
        raise ConfigurationError(f"{name} cannot be used. {error}") from None


def target() -> str:
    """Return what generations and charges are booked on: "sandbox" or the gateway's host."""
    return target_of(gateway_url()) if api_key() else SANDBOX


def _key(name: str, given: str) -> str:
    """Refuse what cannot stand in a header; no sentence repeats it."""
    unquoted(name, given)
    if any(letter.isspace() or not letter.isprintable() for letter in given):
        raise ConfigurationError(f"{name} contains a space or a line break.")
    if not given.isascii():
        raise ConfigurationError(f"{name} contains a character that a key cannot have.")
    return given
