"""Copies in other formats: size, shape, colours, the packet inside."""

import io

import pytest
from PIL import Image

from omixa_studio.services import converting, file_metadata, xmp
from omixa_studio.services.converting import Target, convert
from omixa_studio.services.pixels import ImageRefused

PROMPT = "Кот & <b>кофе</b> ]]> 猫 and much more"
PACKET = xmp.packet("ab" * 32, composite=True, settings={"prompt": PROMPT, "options": {"n": 1}})


def drawn(mode: str = "RGB", size: tuple[int, int] = (300, 200), **options: object) -> bytes:
    out = io.BytesIO()
    colour = (200, 30, 30, 0)[: len(mode)]
    Image.new(mode, size, colour).save(out, str(options.pop("kind", "PNG")), **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "avif"])
def test_makes_each_format_with_its_packet(name: str) -> None:
    made = convert(drawn(), "png", Target(name, 150, 80), PACKET, seconds=None)

    image = opened(made)
    assert (image.format or "").lower() == name
    assert image.size == (150, 100)
    if name != "png":
        assert image.info["xmp"] == PACKET
    else:
        assert image.text["XML:com.adobe.xmp"] == PACKET.decode()  # type: ignore[attr-defined]
    origin = xmp.read_packet(xmp.find_packet(made))
    assert origin == xmp.Origin("ab" * 32, {"prompt": PROMPT, "options": {"n": 1}})
    assert xmp.COMPOSITE.encode() in made
    assert not file_metadata.tells_nothing(made, name, PROMPT)


def test_never_enlarges_and_turns_upright() -> None:
    tall = Image.Exif()
    tall[0x0112] = 6
    made = convert(drawn(kind="JPEG", exif=tall), "jpeg", Target("png", 4096), PACKET, seconds=None)
    assert opened(made).size == (200, 300)
    assert "exif" not in opened(made).info


def test_puts_transparency_on_white_in_a_jpeg_alone() -> None:
    clear = drawn("RGBA")
    assert opened(convert(clear, "png", Target("jpeg"), b"", seconds=None)).getpixel((5, 5)) == (
        255,
        255,
        255,
    )
    for name in ("png", "webp", "avif"):
        kept = opened(convert(clear, "png", Target(name), b"", seconds=None))
        assert kept.mode == "RGBA"
        assert kept.getchannel("A").getextrema()[1] == 0


def test_refuses_what_it_cannot_encode(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageRefused, match="cannot be converted"):
        convert(b"<svg/>", "svg", Target("png"), b"", seconds=None)
    with pytest.raises(ImageRefused):
        convert(b"no picture", "png", Target("png"), b"", seconds=None)
    monkeypatch.setitem(converting.MOST_ENCODED, "avif", 100)
    with pytest.raises(ImageRefused, match="20 megapixels"):
        convert(drawn(), "png", Target("avif"), b"", seconds=None)
    monkeypatch.setitem(converting.LONGEST, "webp", 100)
    with pytest.raises(ImageRefused, match="so long a side"):
        convert(drawn(), "png", Target("webp"), b"", seconds=None)


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "avif"])
def test_converts_the_picture_that_a_heic_shows(name: str) -> None:
    out = io.BytesIO()
    more = [Image.new("RGB", (300, 200), (20, 30, 200))]
    first = Image.new("RGB", (300, 200), (200, 30, 20))
    first.save(out, "HEIF", save_all=True, append_images=more, primary_index=1)
    made = opened(convert(out.getvalue(), "heic", Target(name, 150, 80), PACKET, seconds=None))
    red, _green, blue = made.convert("RGB").getpixel((70, 50))  # type: ignore[misc]
    assert (made.size, red < 60, blue > 150) == ((150, 100), True, True)


def test_makes_no_avif_that_browsers_do_not_draw() -> None:
    wide = drawn(size=(33_000, 1))
    with pytest.raises(ImageRefused, match="so long a side"):
        convert(wide, "png", Target("avif", 0, 80), PACKET, seconds=None)
    made = convert(wide, "png", Target("avif", 32_768, 80), PACKET, seconds=None)
    assert opened(made).size == (32_768, 1)


def test_waits_for_its_turn_for_so_long_and_no_longer() -> None:
    with converting.TURN.taken(1), pytest.raises(ImageRefused, match="Try again"):
        convert(drawn(), "png", Target("png"), b"", seconds=0.05)


@pytest.mark.parametrize("prompt", ["а" * 20_000, "а" * 60_000, "a" * 200_000])
def test_a_packet_fits_into_a_jpeg_however_long_the_prompt(prompt: str) -> None:
    packet = xmp.packet("cd" * 32, composite=False, settings={"prompt": prompt, "model": "m"})
    made = convert(drawn(), "png", Target("jpeg"), packet, seconds=None)
    origin = xmp.read_packet(xmp.find_packet(made))
    assert origin is not None
    assert origin.sha256 == "cd" * 32
    assert origin.settings.get("prompt") in (prompt, None)


def test_leaves_out_characters_that_xml_forbids() -> None:
    packet = xmp.packet(
        "ef" * 32, composite=False, settings={"prompt": "a\x00b\x0b\ufffe\U0001f600"}
    )
    origin = xmp.read_packet(packet[packet.index(b"<x:") : packet.rindex(b"<?xpacket")])
    assert origin is not None
    assert origin.settings["prompt"] == "a\x00b\x0b\U0001f600"


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x:xmpmeta",
        b"<x:xmpmeta>\xff</x:xmpmeta>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&a;</x:xmpmeta>',
        b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"ab" * 32) + PACKET.replace(b"ab" * 32, b"&a;"),
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        b"<x:xmpmeta>" + b"<a>" * 50_000,
        PACKET.replace(b"ab" * 32, b"zz" * 32).replace(b"omixa:Settings", b"omixa:Other"),
        PACKET.replace(b"ab" * 32, b"zz").replace(b'{"prompt"', b"[" * 20_000),
    ],
)
def test_reads_nothing_from_hostile_packets(packet: bytes) -> None:
    assert xmp.read_packet(packet) is None


SIGNATURE = b"\x00\x00\x00\x04caBXjumb" + b"\x00" * 4


def test_tells_signatures_and_notes() -> None:
    plain = drawn()
    signed = plain[:33] + SIGNATURE + plain[33:]
    assert file_metadata.is_signed(signed, "png")
    assert not file_metadata.is_signed(plain, "png")
    assert file_metadata.tells_nothing(plain, "png", PROMPT)
    assert file_metadata.tells_nothing(signed, "png", PROMPT)
    assert not file_metadata.tells_nothing(plain + PROMPT.encode(), "png", PROMPT)
    assert not file_metadata.tells_nothing(plain, "gif", PROMPT)
    jpeg = drawn(kind="JPEG")
    assert file_metadata.tells_nothing(jpeg, "jpeg", PROMPT)
    assert not file_metadata.tells_nothing(drawn(kind="JPEG", comment=b"x"), "jpeg", PROMPT)
    for kind in ("WEBP", "AVIF"):
        assert file_metadata.tells_nothing(drawn(kind=kind), kind.lower(), PROMPT), kind
        noted = drawn(kind=kind, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
        assert not file_metadata.tells_nothing(noted, kind.lower(), PROMPT), kind
