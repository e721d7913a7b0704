"""How the files of a backup are written: plain, or encrypted in the format of `age`.

`age` is a documented format with programs of its own, so an encrypted backup can be opened without
the studio, too: `age -d identity.age` with the passphrase gives the key of all other files.
"""

import hashlib
import hmac
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Protocol, Self

import pyrage

IDENTITY = "identity.age"
ENDING = ".age"
BLOCK = 2**20


class WrongPassphraseError(Exception):
    """The passphrase does not open this backup."""


class Seal(Protocol):
    """How files are written and read; `ending` is what their names end in."""

    ending: str

    def write(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy a file into the backup."""

    def read(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy a file out of the backup. Raises ValueError if it was damaged."""

    def name_of(self, sha256: str) -> str:
        """Return under which name content with this SHA-256 is kept."""


class Plain:
    """Files as they are, under their SHA-256."""

    ending = ""

    def write(self, source: IO[bytes], target: IO[bytes]) -> None:
        copyfileobj(source, target, BLOCK)

    def read(self, source: IO[bytes], target: IO[bytes]) -> None:
        copyfileobj(source, target, BLOCK)

    def name_of(self, sha256: str) -> str:
        return sha256


class Aged:
    """Encrypted files, under names that do not tell what is in them."""

    ending = ENDING

    def __init__(self, identity: pyrage.x25519.Identity) -> None:
        self._identity, self._public = identity, identity.to_public()
        self._names = hashlib.sha256(f"names of {identity}".encode()).digest()

    @classmethod
    def make(cls, path: Path, passphrase: str) -> Self:
        """Draw a key and keep it in a file that the passphrase opens."""
        identity = pyrage.x25519.Identity.generate()
        path.write_bytes(pyrage.passphrase.encrypt(str(identity).encode(), passphrase))
        return cls(identity)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Self:
        """Read the key. Raises WrongPassphraseError."""
        try:
            text = pyrage.passphrase.decrypt(path.read_bytes(), passphrase).decode()
            return cls(pyrage.x25519.Identity.from_str(text))
        except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError):
            raise WrongPassphraseError from None

    def write(self, source: IO[bytes], target: IO[bytes]) -> None:
        try:
            pyrage.encrypt_io(source, target, [self._public])
        except pyrage.EncryptError as error:  # which is how it tells of a full disk, too
            raise OSError(str(error)) from None

    def read(self, source: IO[bytes], target: IO[bytes]) -> None:
        try:
            pyrage.decrypt_io(source, target, [self._identity])
        except (pyrage.DecryptError, OSError) as error:
            raise ValueError(str(error)) from None

    def name_of(self, sha256: str) -> str:
        return hmac.new(self._names, sha256.encode(), hashlib.sha256).hexdigest()
