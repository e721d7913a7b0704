"""How large a picture is, from the options of a request."""

from collections.abc import Mapping

Size = tuple[int, int]

# Pixels of the bucket 1K for each documented shape; the other buckets are multiples.
SHAPES: dict[str, Size] = {
    "1:1": (1024, 1024),
    "16:9": (1408, 768),
    "9:16": (768, 1408),
    "4:3": (1280, 896),
    "3:4": (896, 1280),
}
BUCKETS = {"0.5K": 0.5, "1K": 1, "2K": 2, "4K": 4}
LONGEST_SIDE = 4096


def size_of(options: Mapping[str, object], source: Size | None = None) -> Size:
    """Width and height in pixels. Without a stated shape a picture takes that of its first
    source, else it is square."""
    size, shape = str(options.get("size", "")), str(options.get("aspect_ratio", ""))
    if "x" in size:
        across, below = size.split("x")
        return int(across), int(below)
    factor = BUCKETS.get(size, 1)
    if shape not in SHAPES and source is not None:
        return fitted(source, int(1024 * factor))
    width, height = SHAPES.get(shape, SHAPES["1:1"])
    return int(width * factor), int(height * factor)


def fitted(source: Size, side: int) -> Size:
    """The nearest size of the source's shape with about side x side pixels, in steps of 16."""
    width, height = source
    scale = side / (width * height) ** 0.5
    return stepped(width * scale), stepped(height * scale)


def stepped(pixels: float) -> int:
    return max(16, round(pixels / 16) * 16)


def upscaled(source: Size, factor: float) -> Size:
    """The source times the factor, its longer side at most 4096 pixels."""
    factor = min(factor, LONGEST_SIDE / max(source))
    return max(1, round(source[0] * factor)), max(1, round(source[1] * factor))
