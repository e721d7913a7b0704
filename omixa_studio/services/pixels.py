"""Pillow with limits: every untrusted picture is opened through this file."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pillow_heif
from PIL import Image

from omixa_studio.catalogue.records import N_

MOST_PIXELS = 50_000_000
TOO_LARGE = N_("The picture has more than 50 megapixels.")

# Pillow only warns between this figure and its double; `limited` makes the warning an error.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
# A hostile file makes Pillow warn sixty thousand times, each into the log and into memory.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
pillow_heif.register_heif_opener()


class ImageRefused(ValueError):
    """Bytes that are no picture we take; the message is a sentence for people."""


@contextmanager
def limited() -> Iterator[None]:
    """Turn whatever Pillow raises on broken, huge or hostile bytes into ImageRefused."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused(TOO_LARGE) from None
    except ImageRefused:
        raise
    except Exception as error:  # plug-ins raise every kind on hostile bytes, some their own
        raise ImageRefused(N_("The picture is broken or cut off.")) from error
