"""Checks before the studio starts; each failure is one sentence for people."""

import errno
import fcntl
import hashlib
import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TextIO

from omixa_studio import env
from omixa_studio.env import ConfigurationError

# After a studio was killed, the kernel needs a moment to free its port and its lock.
SECONDS_FOR_THE_PORT = 3.0
SECONDS_FOR_THE_LOCK = 1.0
# What the studio makes at the top of its data folder.
OURS = (
    "studio.*",
    "queue.*",
    "media",
    "spool",
    "sent",
    "geometry",
    "exports",
    "backing-up*",
    "secret",
    "schema",
    "models.toml*",
)
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def claim_folder(folder: Path, address: str) -> TextIO:
    """Lock the data folder for as long as the returned file is open.

    The lock goes with the process, however it ends. Raises ConfigurationError when the
    folder cannot be written or another studio serves it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "studio.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {folder} cannot be written: {error.strerror}."
        ) from None
    if not _locked(lock):
        lock.seek(0)
        process, _, served_at = lock.read().strip().partition(" ")
        raise ConfigurationError(
            f"This data folder is already served at {served_at} (process {process}): {folder}"
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()} {address}\n")
    lock.flush()
    keep_private(folder)
    return lock


def _locked(lock: TextIO) -> bool:
    """Take the lock; return False if another studio still has it after a moment."""
    deadline = time.monotonic() + SECONDS_FOR_THE_LOCK
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
        time.sleep(0.1)


def keep_private(folder: Path) -> None:
    """Make the data folder and the studio's files at its top private to the owner.

    Only files of the studio are changed, and the folder only if it holds nothing else: it may
    be somebody's home. Deeper files are protected by their folders. Raises ConfigurationError
    for a broken symbolic link, for instance to a disk that is not mounted.
    """
    found = sorted(folder.iterdir())
    ours = [path for path in found if any(path.match(name) for name in OURS)]
    for path in [*ours, folder] if ours == found else ours:
        if not path.exists():
            if path.is_symlink():
                raise ConfigurationError(
                    f"{path} leads to {path.readlink()}, which does not exist: is its disk mounted?"
                )
            continue  # a file that another process has just removed
        mode = PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE
        is_mine = path.stat().st_uid == os.geteuid() and not path.is_symlink()
        if is_mine and path.stat().st_mode & 0o077:
            path.chmod(mode)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, so that no other program can take the port.

    Raises ConfigurationError when the port is taken or the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + SECONDS_FOR_THE_PORT
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=512)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                # A name that does not resolve has a negative number, unknown to strerror.
                known = (error.errno or 0) > 0
                reason = os.strerror(error.errno or 0) if known else "the host name is not known"
                raise ConfigurationError(
                    f"Port {port} on {host} cannot be used: {reason}."
                    " Set STUDIO_HOST and STUDIO_PORT to listen elsewhere."
                ) from None
            if time.monotonic() > deadline:
                raise ConfigurationError(
                    f"Port {port} on {host} is already in use: stop the program that uses it,"
                    " or choose another port with STUDIO_PORT."
                ) from None
        time.sleep(0.1)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def schema_is_current(database: Path, note: Path) -> bool:
    """Return whether no migration is pending since `note_schema`, without loading Django."""
    try:
        return note.read_text(encoding="ascii") == _schema(database)
    except (OSError, sqlite3.Error):
        return False


def note_schema(database: Path, note: Path) -> None:
    """Record that the tables of this SQLite file fit this version of the studio."""
    note.write_text(_schema(database), encoding="ascii")


def _schema(database: Path) -> str:
    """Fingerprint all that decides about migrations: our files, the locked packages, and the
    applied migrations, which differ in a restored older database."""
    sources = [env.PROJECT / "requirements.lock"]
    sources += sorted((env.PROJECT / "omixa_studio" / "migrations").glob("*.py"))
    code = hashlib.sha256()
    for source in sources:
        code.update(source.name.encode() + source.read_bytes())
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)) as connection:
        done = connection.execute("SELECT count(*), max(id) FROM django_migrations").fetchone()
    # The months of galleries begin where the time zone says; a migration command counts them anew.
    return f"{code.hexdigest()} {done} {env.time_zone()}"
