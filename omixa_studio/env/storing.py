"""Where the studio keeps what it has: rows, wake-ups, pictures, backups, its secret."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from .readers import ConfigurationError, address, secret, text, unquoted

PROJECT = Path(__file__).resolve().parent.parent.parent
POSTGRES = ("postgres", "postgresql")
REDIS = ("redis", "rediss")
_REDIS_DATABASE = re.compile(r"(/[0-9]{0,5})?|[0-9]{1,5}")


def database_url() -> str:
    """Return where the rows are, or "" for the file in the data folder."""
    return address("DATABASE_URL", ("sqlite", *POSTGRES))


def queue_url() -> str:
    """Return where wake-ups are queued, or "" for the file in the data folder."""
    url = address("QUEUE_URL", ("sqlite", *REDIS, *POSTGRES))
    parts = urlsplit(url)
    # The driver would take another number for none, and share the queue of another studio.
    if parts.scheme in REDIS and not _REDIS_DATABASE.fullmatch(parts.path):
        raise ConfigurationError(
            "QUEUE_URL must end with the number of a database, like redis://host:6379/0."
        )
    return url


def storage_url() -> str:
    """Return the bucket that keeps the pictures, or "" for the data folder."""
    url = address("STORAGE_URL", ("s3",))
    if url and not urlsplit(url).hostname:
        raise ConfigurationError("STORAGE_URL must name a bucket, like s3://bucket/prefix.")
    return url


def data_dir() -> Path:
    """Return the data folder; a relative path is taken from the project's folder."""
    given = unquoted("STUDIO_DATA_DIR", text("STUDIO_DATA_DIR", "data"))
    try:
        return PROJECT / Path(given).expanduser()
    except RuntimeError:
        raise ConfigurationError(
            f"STUDIO_DATA_DIR starts with the home folder of an unknown user: {given!r}."
        ) from None


def backup_dir() -> Path | None:
    """Return the folder of the nightly backups, None if there are none; no relative path."""
    given = unquoted("STUDIO_BACKUP_DIR", text("STUDIO_BACKUP_DIR"))
    if not given:
        return None
    if not Path(given).is_absolute():
        raise ConfigurationError(f"STUDIO_BACKUP_DIR must be a whole path, not {given!r}.")
    if Path(given).resolve().is_relative_to(data_dir().resolve()):
        raise ConfigurationError("STUDIO_BACKUP_DIR must not lie in the data folder.")
    return Path(given)


def secret_key(folder: Path) -> str:
    """Return the key that signs sessions and queue messages; make it on the first start.

    STUDIO_SECRET_KEY serves studios on several machines; else the data folder keeps one.
    """
    given = secret("STUDIO_SECRET_KEY")
    if given:
        return given
    path = folder / "secret"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists() or not path.stat().st_size:
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(f"The data folder {folder} cannot be used: {error}.") from None


def _write_once(path: Path, content: str) -> None:
    """Write a private file so that of two starts at once both read the same content."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.touch(mode=0o600)
    with part.open("w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        # A power cut must not leave an empty secret behind.
        os.fsync(file.fileno())
    try:
        if path.exists() and not path.stat().st_size:
            path.unlink()
        os.link(part, path)
    except FileExistsError:
        return
    finally:
        part.unlink()
