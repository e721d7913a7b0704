"""Pillow with limits: every untrusted picture is opened through this file."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pillow_heif
from PIL import Image

from omixa_studio.catalogue.records import N_

MOST_PIXELS = 50_000_000
TOO_LARGE = N_("The picture has more than 50 megapixels.")

# Pillow only warns between this limit and twice the limit; this makes the warning an error.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
# A hostile file can cause sixty thousand warnings, each written to the log and kept in memory.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
pillow_heif.register_heif_opener()


class ImageRefused(ValueError):
    """The bytes are not a picture that is accepted; the message is a sentence for people."""


@contextmanager
def limited() -> Iterator[None]:
    """Convert all errors that Pillow raises on broken, huge or hostile bytes to ImageRefused."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused(TOO_LARGE) from None
    except ImageRefused:
        raise
    except Exception as error:  # plug-ins raise all kinds of errors on hostile bytes
        raise ImageRefused(N_("The picture is broken or cut off.")) from error
