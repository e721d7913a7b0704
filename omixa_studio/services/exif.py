"""How a picture is turned, as EXIF says it: read it, and write nothing but that."""

import struct

# Browsers accept it only as a single two-byte number.
ORIENTATION, ONE_SHORT = 0x0112, [3, 1]
UPRIGHT = 1
PREFIX = b"Exif\0\0"


def turn_of(block: bytes) -> int:
    """Return the orientation from the first directory of an EXIF block, 1 if it is invalid."""
    try:
        return _turn_of(block.removeprefix(PREFIX))
    except struct.error:
        return UPRIGHT


def only_turn(block: bytes) -> bytes:
    """Return a block that turns a picture as the given one does; b"" if that does not turn it."""
    turn = turn_of(block)
    if not UPRIGHT < turn <= 8:
        return b""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, ORIENTATION, *ONE_SHORT, turn, 0, 0)


def _turn_of(tiff: bytes) -> int:
    order = ">" if tiff.startswith(b"MM") else "<"
    (folder,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, folder)
    for entry in range(count):
        tag, *form, value = struct.unpack_from(f"{order}HHIH", tiff, folder + 2 + 12 * entry)
        if tag == ORIENTATION:
            return int(value) if form == ONE_SHORT else UPRIGHT
    return UPRIGHT
