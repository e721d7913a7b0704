"""XMP packets: write one into exported pictures, read one from any file.

Nothing that is read here can be trusted: whoever uses it checks each value again.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

TRAINED = "trainedAlgorithmicMedia"
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
# The marker segment of a JPEG ends at 65,535 bytes, with a length and a 29-byte name in front.
MOST_BYTES = 65_500
# More than any packet of ours; a hostile file could contain megabytes of XML.
MOST_READ = 256 * 2**10
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "omixa": "https://www.omixa.cloud/ns/studio/1.0/",
}
START, END = re.compile(rb"<x:xmpmeta[\s>]"), b"</x:xmpmeta>"
DOCUMENT = re.compile(r"xmp\.did:([0-9a-f]{64})")
# Characters that no XML 1.0 document may contain, escaped or not.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WRAPPED = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">'
    '<rdf:Description rdf:about=""{spaces}>{properties}</rdf:Description>'
    "</rdf:RDF></x:xmpmeta>\n"
    '<?xpacket end="w"?>'
)


@dataclass(frozen=True)
class Origin:
    """What a packet says of a picture: the SHA-256 of its original, and its settings if any."""

    sha256: str
    settings: Mapping[str, Any]


def packet(sha256: str, *, composite: bool, settings: Mapping[str, Any] | None = None) -> bytes:
    """Return an XMP packet in UTF-8: how the picture was made, and which original it is a copy of.

    `composite` is whether it was made from other pictures. `settings` go along as JSON, and the
    prompt and the model also in IPTC's own properties; whatever makes a packet too long for a
    JPEG is left out, IPTC's copy of the prompt first.
    """
    plain = {
        "xmp:CreatorTool": "Omixa Studio",
        "xmpMM:OriginalDocumentID": f"xmp.did:{sha256}",
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPES + (COMPOSITE if composite else TRAINED),
    }
    ours = _settings_of(settings) if settings else {}
    known = {"Iptc4xmpExt:AISystemUsed": str(settings.get("model", ""))} if settings else {}
    prompt = str(settings.get("prompt", "")) if settings else ""
    said = {"Iptc4xmpExt:AIPromptInformation": prompt} if prompt else {}
    for properties in (plain | known | ours | said, plain | known | ours, plain | known):
        written = _written(properties)
        if len(written) <= MOST_BYTES:
            return written
    return _written(plain)


def find_packet(data: bytes) -> bytes:
    """Return the first XMP packet in the bytes of a file of any format, b"" without one."""
    found = START.search(data)
    if found is None:
        return b""
    # One pattern for the whole would read a file without an end once for each beginning in it.
    start, most = found.start(), found.start() + MOST_READ
    end = data.find(END, start, most)
    return b"" if end < 0 else data[start : end + len(END)]


def read_packet(data: bytes) -> Origin | None:
    """Return what a packet says; None if it is not a packet of this studio's kind."""
    if not data or len(data) > MOST_READ or b"<!" in data:
        return None  # a document type could expand a few bytes into gigabytes
    try:
        root = ET.fromstring(data.decode("utf-8"))  # noqa: S314  # nothing is declared in it
    except (ET.ParseError, UnicodeDecodeError, ValueError):
        return None
    texts = {name: root.findtext(f".//{name}", "", NAMESPACES) for name in _READ}
    document = DOCUMENT.fullmatch(texts[_DOCUMENT].strip())
    settings = _read_settings(texts[_SETTINGS])
    if document is None and not settings:
        return None
    return Origin(sha256=document[1] if document else "", settings=settings)


_DOCUMENT, _SETTINGS = _READ = ("xmpMM:OriginalDocumentID", "omixa:Settings")


def _settings_of(settings: Mapping[str, Any]) -> dict[str, str]:
    return {_SETTINGS: json.dumps(settings, ensure_ascii=False, separators=(",", ":"))}


def _written(properties: Mapping[str, str]) -> bytes:
    spaces = "".join(
        f' xmlns:{name}="{address}"' for name, address in NAMESPACES.items() if name != "rdf"
    )
    texts = (
        f"<{name}>{escape(FORBIDDEN.sub('', text))}</{name}>" for name, text in properties.items()
    )
    whole = WRAPPED.format(rdf=NAMESPACES["rdf"], spaces=spaces, properties="".join(texts))
    return whole.encode()


def _read_settings(text: str) -> Mapping[str, Any]:
    try:
        settings = json.loads(text)
        # Half a surrogate pair can be escaped in JSON, and written nowhere.
        json.dumps(settings, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}
