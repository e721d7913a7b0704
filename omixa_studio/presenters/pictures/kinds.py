"""Names and types of picture formats, and the plain tile of a picture that cannot be drawn."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from omixa_studio.models import Picture
from omixa_studio.services.pixels import MOST_PIXELS, TOO_LARGE
from omixa_studio.services.reading import BROKEN, DRAWN

# By format: its name, its MIME type and its file extension.
KINDS = {
    "png": ("PNG", "image/png", "png"),
    "jpeg": ("JPEG", "image/jpeg", "jpg"),
    "ljpeg": ("Lossless JPEG", "image/jpeg", "jpg"),
    "webp": ("WebP", "image/webp", "webp"),
    "gif": ("GIF", "image/gif", "gif"),
    "avif": ("AVIF", "image/avif", "avif"),
    "heic": ("HEIC", "image/heic", "heic"),
    "tiff": ("TIFF", "image/tiff", "tiff"),
    "bmp": ("BMP", "image/bmp", "bmp"),
    "svg": ("SVG", "image/svg+xml", "svg"),
    "jxl": ("JPEG XL", "image/jxl", "jxl"),
    "jp2": ("JPEG 2000", "image/jp2", "jp2"),
    "ico": ("ICO", "image/vnd.microsoft.icon", "ico"),
    "psd": ("PSD", "image/vnd.adobe.photoshop", "psd"),
    "exr": ("OpenEXR", "image/x-exr", "exr"),
    "qoi": ("QOI", "image/qoi", "qoi"),
}
# What browsers display and what cannot run scripts: all others are downloaded, never opened.
SHOWN = ("png", "jpeg", "webp", "gif", "avif")
# One background for light and dark pages, as for any picture. A tile drawn small, for example
# beside another picture, shows only the name, larger. Sizes are for a tile 200 wide.
GROUND, WORDS = "#6a6964", "#f6f5f2"
TILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 {height}" width="{width_px}" '
    'height="{height_px}" font-family="system-ui, sans-serif" fill="{words}" text-anchor="middle">'
    "<style>@media (max-width: 120px) {{ .said, .name {{ display: none }} }}"
    " @media (min-width: 121px) {{ .small {{ display: none }} }}</style>"
    '<rect width="200" height="{height}" fill="{ground}"/>'
    '<text class="small" x="100" y="{centre}" font-size="{largest}" font-weight="600">{name}</text>'
    '<text class="name" x="100" y="{middle}" font-size="26" font-weight="600">{name}</text>'
    '<text class="said" x="100" y="{below}" font-size="{said_size}">{said}</text></svg>'
)
# The average width of a letter as a share of its size, and the share of a side for text.
LETTER, FILLED = 0.66, 0.88


def name_of(kind: str) -> str:
    """Return the name of a format; the format itself if it was stored by a newer version."""
    return KINDS.get(kind, (kind, "", ""))[0]


def type_of(kind: str) -> str:
    """Return the MIME type of a format."""
    return KINDS.get(kind, ("", "application/octet-stream", ""))[1]


def ending_of(kind: str) -> str:
    """Return the file extension of a format, without the dot."""
    return KINDS.get(kind, ("", "", "bin"))[2]


def undrawn(picture: Picture) -> str:
    """Return the sentence that a picture cannot be drawn here, with its format."""
    return _("%(kind)s, no preview") % {"kind": name_of(picture.format)}


def why_undrawn(picture: Picture) -> str:
    """Return why a picture of a format that is usually drawn is not; "" for other formats."""
    if picture.format not in DRAWN:
        return ""
    return _(TOO_LARGE if picture.width * picture.height > MOST_PIXELS else BROKEN)


def plain_tile(picture: Picture) -> str:
    """Return an SVG in the picture's shape that names its format, in place of a thumbnail."""
    height = round(200 * picture.shown_height / picture.shown_width)
    height = min(max(height, 80), 500)
    name, said = name_of(picture.format), _("no preview")
    largest = _fitting(name, 52, min(height, 200))  # small tiles are cut to squares
    return format_html(
        TILE,
        ground=GROUND,
        words=WORDS,
        height=height,
        width_px=512,
        height_px=round(512 * height / 200),
        largest=largest,
        centre=(height + round(0.7 * largest)) // 2,
        middle=height // 2 + 3,
        below=height // 2 + 25,
        name=name,
        said=said,
        said_size=_fitting(said, 15, 200),
    )


def _fitting(text: str, largest: int, width: int) -> int:
    """Return the largest font size up to `largest` at which a text fits into a width."""
    return min(largest, int(FILLED * width / (LETTER * max(len(text), 1))))
