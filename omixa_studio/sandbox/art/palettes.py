"""Colours, and the words of a prompt that call for them."""

import colorsys
import random
from collections.abc import Mapping

Colour = tuple[int, int, int]

# Six colours each, from light to deep, and the accent last.
HEX: dict[str, str] = {
    "sea": "f2ead8 a8d5d3 4fa3a8 1f6f7f 0d3b4f e8744f",
    "lagoon": "eaf4ec 9fd8cb 3fb0a5 147a7e 0b3d4a f2c14e",
    "forest": "eef0df b5c99a 7d9d6c 3f6b4f 1c3a32 d98e3f",
    "moss": "f1ecd9 c3c48d 8a9a5b 56703f 2b3a24 c8553d",
    "night": "c9d3ea 6d7fb3 3b4a82 1f2952 0c1128 f4d58d",
    "aurora": "d9f2e6 70d6b5 3c8f9e 3a4a8c 161a3d c77dff",
    "fire": "ffe8c2 ffb347 f2703f c5283d 4a1029 ffd166",
    "ember": "f7d9c4 e88d67 c8502f 7a1f1f 260c12 ffb627",
    "gold": "fbf3dc ecd08a cf9f3b 8a5d1e 3c2612 b23a2a",
    "snow": "fbfbf9 dde6ed a9bfd0 6c8aa3 2f4858 e4a09b",
    "ice": "f3f9fb c5e3ee 86bcd6 4a7fae 203a63 f2b5a7",
    "rose": "fdf0ec f3c6c0 dd8a91 a84a68 4c1d3b f0b457",
    "blossom": "fff3f3 ffd0d6 f79bb0 b55d8c 50305c 7fb7a3",
    "desert": "fbeeda efc69a d98e5c a9563c 53252a 3f7f86",
    "terracotta": "f6e7da e3b493 c77b54 94472f 46241f 5f8575",
    "dusk": "fde2c8 f6a98a c86b85 6f4680 2a2350 ffd98a",
    "lavender": "f6f1fa d4c4e8 a58dcb 6a559c 2e2553 f0a868",
    "citrus": "fffbe3 f7e27a f2b632 e0702d 6b2b1f 4f9d69",
    "mint": "f2fbf4 c2e8d0 84c7a8 438f7c 1c4540 ef8a7a",
    "ink": "f6f4ef cfcac0 8f8b86 4a4a4f 17181c d6402f",
    "cobalt": "f4efe4 b9c7e3 5f86cc 2546a0 101c4a f05d3a",
    "berry": "fbe9ee e9a6bd c04f86 7a1f5c 2e0a33 f4b942",
    "earth": "f4ecdf d2b792 a07c58 6b4a35 2f211b 7b9e87",
    "candy": "fff1e6 ffc6a5 ff8fa3 9b72cf 3a2a6d 52d1c6",
    "workshop": "f3ead7 e9b44c d1495b 2e6f95 1b263b 5fa777",
}

# Beginnings of words, English and Russian, and what they call for.
WORDS: dict[str, str] = {
    "sea ocean wave beach lighthouse море моря морск океан волн пляж маяк корабл": "sea lagoon",
    "lake river water rain озер рек вод дожд": "lagoon ice cobalt",
    "forest tree leaf garden jungle fern лес дерев лист сад папорот": "forest moss mint",
    "green meadow grass зелен луг трав": "moss mint forest",
    "night moon star space dark ноч лун звезд космос темн": "night aurora cobalt",
    "aurora neon cyber северное неон": "aurora candy",
    "fire flame lava volcano burn огон огн плам лав вулкан": "fire ember",
    "red autumn copper красн осен медн": "ember fire terracotta",
    "gold honey sun lamp bronze золот мед солн ламп бронз": "gold citrus",
    "snow winter white arctic снег снеж зим бел аркти": "snow ice",
    "ice frost glacier лед лёд мороз ледник": "ice snow",
    "rose flower bloom peony love роз цвет пион люб": "rose blossom berry",
    "blossom cherry sakura spring pink вишн сакур весн весен": "blossom rose",
    "desert sand dune canyon camel пустын песок песч дюн каньон": "desert terracotta",
    "clay ceramic teapot brick глин керам чайник кирпич": "terracotta earth",
    "dusk sunset evening dawn закат вечер рассвет сумер": "dusk fire",
    "violet purple lavender dream фиолет лаванд сирен сон": "lavender dusk",
    "lemon orange fruit summer лимон апельсин фрукт лето летн": "citrus candy",
    "ink black white monochrome paper sketch чёрн черн монохром бумаг эскиз": "ink",
    "blue sky сини небо голуб": "cobalt ice sea",
    "berry wine plum ягод вин слив": "berry lavender",
    "coffee wood earth bread кофе земл хлеб": "earth terracotta",
    "toy candy party ice-cream игруш конфет праздник": "candy citrus",
    "poster bauhaus geometr design плакат баухаус геометр дизайн": "workshop cobalt",
}


class Palette(tuple[Colour, ...]):
    """Five colours from light to deep, and an accent."""

    @property
    def paper(self) -> Colour:
        return self[0]

    @property
    def deep(self) -> Colour:
        return self[4]

    @property
    def accent(self) -> Colour:
        return self[5]

    @property
    def dark(self) -> bool:
        return luma(self[1]) < 140


def choose_palette(prompt: str, rng: random.Random) -> Palette:
    """The palette that the words call for, else any; a little turned each time."""
    names = called_for(prompt.lower(), WORDS) or tuple(HEX)
    colours = [parse(code) for code in HEX[rng.choice(names)].split()]
    turn, lift = rng.uniform(-0.025, 0.025), rng.uniform(0.96, 1.03)
    return Palette(shift(colour, turn, lift) for colour in colours)


def called_for(text: str, table: Mapping[str, str]) -> tuple[str, ...]:
    """What the first matching words of a text name, in the order of the text."""
    words = text.replace("-", " ").split()
    found = [
        name
        for word in words
        for stems, names in table.items()
        if any(word.startswith(stem) for stem in stems.split())
        for name in names.split()
    ]
    return tuple(found[:4])


def parse(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def shift(colour: Colour, turn: float, lift: float) -> Colour:
    """The colour with its hue turned (1 = full circle) and its lightness multiplied."""
    hue, light, strength = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1, min(1, light * lift), strength)
    return round(red * 255), round(green * 255), round(blue * 255)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` 0 gives the first colour, 1 the second."""
    a, b, c = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return a, b, c


def luma(colour: Colour) -> float:
    return colour[0] * 0.299 + colour[1] * 0.587 + colour[2] * 0.114


def ramp(colours: tuple[Colour, ...], share: float) -> Colour:
    """The colour at `share` (0 to 1) along a row of colours."""
    place = max(0.0, min(1.0, share)) * (len(colours) - 1)
    index = min(int(place), len(colours) - 2)
    return mix(colours[index], colours[index + 1], place - index)
