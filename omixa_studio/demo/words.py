"""Prompts that look as if people had written them, in English and in Russian."""

import random
from dataclasses import dataclass

LONGEST_PROMPT = 4_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture shows; it is drawn from the first English phrase."""

    english: tuple[str, ...]
    russian: tuple[str, ...]


SUBJECTS = (
    Subject(
        ("misty mountains in blue layers", "an alpine valley before sunrise", "a lonely hill hut"),
        ("туманные горы в синих слоях", "альпийская долина до рассвета"),
    ),
    Subject(
        ("desert dunes under a low sun", "a caravan trail across the sand"),
        ("дюны пустыни под низким солнцем", "следы каравана на песке"),
    ),
    Subject(
        ("a calm sea with a lighthouse", "fishing boats leaving the beach", "one long green wave"),
        ("спокойное море и маяк", "рыбацкие лодки у пляжа"),
    ),
    Subject(
        ("a pine forest after rain", "a fox between old fir trees", "birches in first snow"),
        ("сосновый лес после дождя", "лиса среди старых ёлок"),
    ),
    Subject(
        ("a night lake with a full moon", "stars above a wooden pier"),
        ("ночное озеро и полная луна", "звёзды над деревянным причалом"),
    ),
    Subject(
        ("a city skyline at dusk", "rooftops and one tall tower", "a tram street in the evening"),
        ("город в сумерках", "крыши и одна высокая башня"),
    ),
    Subject(
        ("layered paper cut waves", "a paper theatre of clouds"),
        ("слои бумаги, вырезанные волной", "бумажный театр облаков"),
    ),
    Subject(
        ("contour lines of a topographic map", "an island drawn as a map"),
        ("линии топографической карты", "остров, нарисованный как карта"),
    ),
    Subject(
        ("green marble with gold veins", "a polished agate slice"),
        ("зелёный мрамор с золотыми жилами", "срез полированного агата"),
    ),
    Subject(
        ("folds of red silk", "smoke that looks like velvet"),
        ("складки красного шёлка", "дым, похожий на бархат"),
    ),
    Subject(
        ("a soft gradient of northern light", "a blurred glow behind glass"),
        ("мягкий градиент северного сияния", "размытый свет за стеклом"),
    ),
    Subject(
        ("planets on thin orbits", "a quiet galaxy seen from afar"),
        ("планеты на тонких орбитах", "тихая галактика издалека"),
    ),
    Subject(
        ("a rainbow of concentric arches", "a door under three arches"),
        ("радуга из арок", "дверь под тремя арками"),
    ),
    Subject(
        ("a ceramic teapot on smooth stones", "a balanced stack of pebbles"),
        ("керамический чайник на гладких камнях", "башня из камней"),
    ),
    Subject(
        ("large leaves of a garden plant", "ferns pressed between glass"),
        ("большие листья садового растения", "папоротник между стёклами"),
    ),
    Subject(
        ("a geometric poster of tiles", "a bauhaus pattern of circles"),
        ("геометрический плакат из плиток", "узор из кругов"),
    ),
)

MANNERS = {
    "en": (
        "as a linocut print",
        "in soft morning light",
        "in muted colours, matte finish",
        "seen from above",
        "with a lot of empty space",
        "for the cover of an annual report",
        "in the style of a 1960s travel poster",
        "shot on 35 mm film",
        "no people, no text",
        "warm, a little nostalgic",
    ),
    "ru": (
        "в технике линогравюры",
        "в мягком утреннем свете",
        "приглушённые цвета",
        "вид сверху",
        "много воздуха",
        "для обложки годового отчёта",
        "как плакат шестидесятых",
        "плёнка 35 мм",
        "без людей и без текста",
    ),
}
RUSSIAN_SHARE = 0.3


def write_prompt(subject: Subject, rng: random.Random) -> str:
    """Return a prompt on a subject, a few words to three lines long, in English or Russian."""
    language = "ru" if rng.random() < RUSSIAN_SHARE else "en"
    phrase = rng.choice(subject.russian if language == "ru" else subject.english)
    manners = rng.sample(MANNERS[language], rng.choice((0, 1, 1, 2, 2, 3, 5)))
    text = ", ".join((phrase, *manners))
    return text[0].upper() + text[1:]


def write_longest_prompt(subject: Subject, rng: random.Random) -> str:
    """Return a prompt of exactly 4,000 characters."""
    text = ""
    while len(text) < LONGEST_PROMPT:
        text += write_prompt(subject, rng) + ". "
    return text[: LONGEST_PROMPT - 1].rstrip().ljust(LONGEST_PROMPT, ".")
