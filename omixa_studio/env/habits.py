"""How the studio works: its languages, its time, its log."""

import zoneinfo

from .readers import ConfigurationError, text

LANGUAGES = {"en": "English", "ru": "Русский", "zh-hans": "简体中文"}
MOST_THREADS = 64


def time_zone() -> str:
    """Return the studio's time zone, in which months and days of the costs are counted."""
    name = text("STUDIO_TIME_ZONE", "UTC")
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"STUDIO_TIME_ZONE must be a name like Europe/Riga, not {name!r}."
        ) from None
    return name


def language() -> str:
    """Return the language of whoever has chosen none."""
    code = text("STUDIO_LANGUAGE", "en")
    if code not in LANGUAGES:
        raise ConfigurationError(f"STUDIO_LANGUAGE must be {' or '.join(LANGUAGES)}, not {code!r}.")
    return code


def log_level() -> str:
    """Return the level of the log."""
    level = text("STUDIO_LOG_LEVEL", "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError(
            f"STUDIO_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {level!r}."
        )
    return level


def log_format() -> str:
    """Return how lines of the log are written: "text" or "json"."""
    given = text("STUDIO_LOG_FORMAT", "text").lower()
    if given not in ("text", "json"):
        raise ConfigurationError(f"STUDIO_LOG_FORMAT must be text or json, not {given!r}.")
    return given
