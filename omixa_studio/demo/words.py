"""Prompts that look as if people had written them, in six languages."""

import random
from dataclasses import dataclass

LONGEST_PROMPT = 4_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture shows; it is drawn from the first English phrase."""

    english: tuple[str, ...]
    russian: tuple[str, ...]
    others: tuple[str, ...] = ()  # German, Chinese, Japanese and Arabic


SUBJECTS = (
    Subject(
        ("misty mountains in blue layers", "an alpine valley before sunrise", "a lonely hill hut"),
        ("туманные горы в синих слоях", "альпийская долина до рассвета"),
        (
            "neblige Berge in blauen Schichten",
            "晨雾中的蓝色群山",
            "霧に包まれた青い山々",
            "جبال ضبابية بطبقات زرقاء",
        ),
    ),
    Subject(
        ("desert dunes under a low sun", "a caravan trail across the sand"),
        ("дюны пустыни под низким солнцем", "следы каравана на песке"),
        (
            "Wüstendünen unter tiefer Sonne",
            "夕阳下的沙漠沙丘",
            "低い太陽の下の砂丘",
            "كثبان صحراوية تحت شمس منخفضة",
        ),
    ),
    Subject(
        ("a calm sea with a lighthouse", "fishing boats leaving the beach", "one long green wave"),
        ("спокойное море и маяк", "рыбацкие лодки у пляжа"),
        (
            "ruhiges Meer mit Leuchtturm",
            "平静的大海和灯塔",
            "灯台のある静かな海",
            "بحر هادئ ومنارة",
        ),
    ),
    Subject(
        ("a pine forest after rain", "a fox between old fir trees", "birches in first snow"),
        ("сосновый лес после дождя", "лиса среди старых ёлок"),
        ("ein Kiefernwald nach dem Regen", "雨后的松林", "雨上がりの松林", "غابة صنوبر بعد المطر"),
    ),
    Subject(
        ("a night lake with a full moon", "stars above a wooden pier"),
        ("ночное озеро и полная луна", "звёзды над деревянным причалом"),
        ("nächtlicher See bei Vollmond", "满月下的夜湖", "満月の夜の湖", "بحيرة ليلية وقمر كامل"),
    ),
    Subject(
        ("a city skyline at dusk", "rooftops and one tall tower", "a tram street in the evening"),
        ("город в сумерках", "крыши и одна высокая башня"),
        (
            "Dächer einer Großstadt in der Dämmerung",
            "黄昏的城市天际线",
            "夕暮れの街並み",
            "أفق مدينة عند الغروب",
        ),
    ),
    Subject(
        ("layered paper cut waves", "a paper theatre of clouds"),
        ("слои бумаги, вырезанные волной", "бумажный театр облаков"),
        ("Wellen aus geschichtetem Papier", "层叠的剪纸波浪", "切り紙の波", "أمواج من ورق مقصوص"),
    ),
    Subject(
        ("contour lines of a topographic map", "an island drawn as a map"),
        ("линии топографической карты", "остров, нарисованный как карта"),
        (
            "Höhenlinien einer Wanderkarte",
            "地形图的等高线",
            "地形図の等高線",
            "خطوط خريطة طبوغرافية",
        ),
    ),
    Subject(
        ("green marble with gold veins", "a polished agate slice"),
        ("зелёный мрамор с золотыми жилами", "срез полированного агата"),
        (
            "grüner Marmor mit goldenen Adern",
            "带金色纹理的绿色大理石",
            "金の筋が入った緑の大理石",
            "رخام أخضر بعروق ذهبية",
        ),
    ),
    Subject(
        ("folds of red silk", "smoke that looks like velvet"),
        ("складки красного шёлка", "дым, похожий на бархат"),
        ("Falten aus roter Seide", "红色丝绸的褶皱", "赤い絹のひだ", "طيات حرير أحمر"),
    ),
    Subject(
        ("a soft gradient of northern light", "a blurred glow behind glass"),
        ("мягкий градиент северного сияния", "размытый свет за стеклом"),
        (
            "sanfter Verlauf von Nordlicht",
            "柔和的极光渐变",
            "オーロラの柔らかな光",
            "تدرج ناعم لضوء الشمال",
        ),
    ),
    Subject(
        ("planets on thin orbits", "a quiet galaxy seen from afar"),
        ("планеты на тонких орбитах", "тихая галактика издалека"),
        (
            "Planeten auf schmalen Bahnen",
            "细细轨道上的行星",
            "細い軌道の惑星",
            "كواكب على مدارات رفيعة",
        ),
    ),
    Subject(
        ("a rainbow of concentric arches", "a door under three arches"),
        ("радуга из арок", "дверь под тремя арками"),
        ("ein Regenbogen aus Bögen", "同心拱门的彩虹", "同心円の虹", "قوس قزح من أقواس"),
    ),
    Subject(
        ("a ceramic teapot on smooth stones", "a balanced stack of pebbles"),
        ("керамический чайник на гладких камнях", "башня из камней"),
        (
            "eine Teekanne auf glatten Steinen",
            "光滑石头上的陶瓷茶壶",
            "石の上の陶器の急須",
            "إبريق شاي على أحجار ملساء",
        ),
    ),
    Subject(
        ("large leaves of a garden plant", "ferns pressed between glass"),
        ("большие листья садового растения", "папоротник между стёклами"),
        (
            "große Blätter einer Gartenpflanze",
            "花园植物的大叶子",
            "庭の植物の大きな葉",
            "أوراق كبيرة لنبتة حديقة",
        ),
    ),
    Subject(
        ("a geometric poster of tiles", "a bauhaus pattern of circles"),
        ("геометрический плакат из плиток", "узор из кругов"),
        (
            "geometrisches Plakat aus Fliesen",
            "几何瓷砖海报",
            "幾何学的なタイルのポスター",
            "ملصق هندسي من البلاط",
        ),
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
OTHER_SHARE = 0.1
# Endings of copied prompts: words of two characters, which any search finds hardest.
SHORT_WORDS = ("3D", "UI", "4K", "TV", "ad", "no", "ЧБ", "ТВ", "и", "猫", "夜景", "山水", "طبق")
# Names of projects, each rare, put together from these.
SYLLABLES = ("ba", "co", "da", "fe", "gu", "hi", "jo", "ka", "lu", "mi", "no", "quo", "vel", "zan")


def write_prompt(subject: Subject, rng: random.Random) -> str:
    """Return a prompt on a subject, a few words to three lines long."""
    if rng.random() < OTHER_SHARE:
        return rng.choice(subject.others)
    language = "ru" if rng.random() < RUSSIAN_SHARE else "en"
    phrase = rng.choice(subject.russian if language == "ru" else subject.english)
    manners = rng.sample(MANNERS[language], rng.choice((0, 1, 1, 2, 2, 3, 5)))
    text = ", ".join((phrase, *manners))
    return text[0].upper() + text[1:]


def vary(prompt: str, rng: random.Random) -> str:
    """Return a prompt with an ending: a short word, the rare name of a project, or a manner."""
    kind = rng.randrange(3)
    if kind == 0:
        return f"{prompt}, {rng.choice(SHORT_WORDS)}"
    if kind == 1:
        name = "".join(rng.choices(SYLLABLES, k=3))
        return f"{prompt}, for {name.title()} {rng.randrange(1, 100)}"
    return f"{prompt}, {rng.choice(MANNERS['en'])}"


def write_longest_prompt(subject: Subject, rng: random.Random) -> str:
    """Return a prompt of exactly 4,000 characters."""
    text = ""
    while len(text) < LONGEST_PROMPT:
        text += write_prompt(subject, rng) + ". "
    return text[: LONGEST_PROMPT - 1].rstrip().ljust(LONGEST_PROMPT, ".")
