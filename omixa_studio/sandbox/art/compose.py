"""Choose a composition and colours for a prompt, and draw it at the size asked for."""

import random
from collections.abc import Callable

from PIL import Image

from . import fields, forms, land, patterns
from .brush import BICUBIC, Canvas, Size, blob, cut, grain, shrunk
from .palettes import called_for, choose_palette

Scene = Callable[[Canvas], Image.Image]

SCENES: dict[str, Scene] = {
    "hills": land.hills,
    "dunes": land.dunes,
    "sea": land.sea,
    "forest": land.forest,
    "night": land.night,
    "city": land.city,
    "papercut": fields.papercut,
    "contours": fields.contours,
    "marble": fields.marble,
    "silk": fields.silk,
    "lights": fields.lights,
    "discs": forms.discs,
    "orbits": forms.orbits,
    "arches": forms.arches,
    "stones": forms.stones,
    "leaves": forms.leaves,
    "bands": forms.bands,
    "tiles": patterns.tiles,
    "ribbons": patterns.ribbons,
}

# Beginnings of words, English and Russian, and the compositions they call for.
WORDS: dict[str, str] = {
    "mountain hill valley fog alps гор холм долин туман": "hills",
    "desert dune sand пустын дюн песок песч": "dunes",
    "sea ocean wave beach ship lighthouse море моря морск океан волн пляж маяк": "sea",
    "forest tree wood fir pine fox лес дерев ель сосн лис": "forest",
    "night moon star lake ноч лун звезд озер": "night",
    "city town tower street skyline город башн улиц небоскр": "city",
    "paper layer cut бумаг слои вырез": "papercut",
    "map topograph contour line карт линии контур": "contours",
    "marble agate stone-texture мрамор агат": "marble",
    "silk cloth fabric velvet smoke шёлк шелк ткан бархат дым": "silk",
    "gradient light glow aurora dream blur градиент свет сия": "lights",
    "circle bubble balloon круг пузыр шар": "discs",
    "space planet orbit galaxy космос планет орбит галактик": "orbits",
    "archway rainbow door bridge арк радуг двер мост": "arches",
    "stone pebble zen ceramic teapot vase камн камен керам ваз чайник": "stones",
    "leaf leaves flower garden plant botan fern лист цвет сад растен": "leaves",
    "poster geometr bauhaus pattern tile плакат геометр узор плитк": "tiles",
    "music thread jazz string ribbon музык нит струн лент": "ribbons",
}

# Larger pictures are drawn at this many pixels along the longer side and enlarged.
DRAWN_SIDE = 2048


def compose(prompt: str, size: Size, rng: random.Random) -> Image.Image:
    """A picture in RGB for a prompt. The words steer colours and composition, `rng` the rest."""
    palette = choose_palette(prompt, rng)
    called = called_for(prompt.lower(), WORDS)
    # One in three leaves the words alone, so that a series of pictures stays a surprise.
    scene = SCENES[rng.choice(called if called and rng.random() < 0.67 else tuple(SCENES))]
    drawn = shrunk(size, DRAWN_SIDE) if max(size) > DRAWN_SIDE else size
    picture = grain(scene(Canvas(*drawn, rng, palette)), 0.45)
    return picture if drawn == size else picture.resize(size, BICUBIC)


def cut_out(picture: Image.Image, rng: random.Random) -> Image.Image:
    """The picture in RGBA with everything outside a large pebble transparent."""
    width, height = picture.size
    outline = blob(rng, (0.5, 0.5), 0.43, wobble=0.12)
    sheet = cut(picture.size, [(x * width, y * height) for x, y in outline])
    alpha = Image.new("L", picture.size)
    alpha.paste(sheet.mask, (sheet.left, sheet.top))
    result = picture.convert("RGBA")
    result.putalpha(alpha)
    return result
