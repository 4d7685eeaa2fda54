"""Reserved fictional telephone numbers, and the ways adverts hide them. Everything is made from a seed.

Numbers come from ranges that regulators keep for drama and fiction: NANPA 555-01xx, Ofcom, ACMA, ARCEP,
Bundesnetzagentur, PTS. No range reaches a subscriber.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

Dice = random.Random
Spelling = Callable[[str, Dice], str]

WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "ro": "zero unu doi trei patru cinci șase șapte opt nouă",
    "sq": "zero një dy tre katër pesë gjashtë shtatë tetë nëntë",
    "ru": "ноль один два три четыре пять шесть семь восемь девять",
    "ar": "صفر واحد اثنان ثلاثة اربعة خمسة ستة سبعة ثمانية تسعة",
    "vi": "không một hai ba bốn năm sáu bảy tám chín",
    "id": "nol satu dua tiga empat lima enam tujuh delapan sembilan",
    "tl": "sero isa dalawa tatlo apat lima anim pito walo siyam",
    "zh": "零 一 二 三 四 五 六 七 八 九",
    "th": "ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า",
    "my": "သုည တစ် နှစ် သုံး လေး ငါး ခြောက် ခုနစ် ရှစ် ကိုး",
    "km": "សូន្យ មួយ ពីរ បី បួន ប្រាំ ប្រាំមួយ ប្រាំពីរ ប្រាំបី ប្រាំបួន",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
}
UNSPACED = ("zh", "th", "my", "km")
LOOKALIKES = {"0": "oOQОо", "1": "lI|і", "5": "Ss", "8": "B"}
LETTERS = {"0": "oO", "1": "lI"}
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
DIGITS_AT = (0x0966, 0x09E6, 0x0E50, 0x1040, 0x17E0, 0x06F0, 0x1D7CE, 0x1D7E2, 0x1D7F6)
CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
FRAMES = (
    "great place call {} today",
    "Room near the park. {}",
    "{} ask for details, from noon",
    "Serious people only! text {}, thank you",
    "2 rooms, 45 m2, write or ring {}. Free from May",
    "my number is {} - evenings",
    "whatsapp {}!!",
    "New here ({}) open 9 to 5",
    "Stay 3 nights, pay 2. Info: {}",
    "llama al {} por la tarde",
    "звоните {} в любое время",
    "contact\n{}\nno hidden fees",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An advert's line, the number in it as E.164, and the region it is read in."""

    kind: str
    text: str
    number: str
    region: str


def us(dice: Dice) -> tuple[str, str, str]:
    area = dice.choice(("202", "212", "305", "415", "617", "702", "808", "916"))
    national = f"{area}555{dice.randint(100, 199):04d}"
    return national, f"+1{national}", "US"


def great_britain(dice: Dice) -> tuple[str, str, str]:
    tail = dice.choice(("2079460", "1134960", "1174960", "1614960", "1914980")) + f"{dice.randint(0, 999):03d}"
    return f"0{tail}", f"+44{tail}", "GB"


def australia(dice: Dice) -> tuple[str, str, str]:
    tail = dice.choice(
        (f"49157{dice.choice(('0006', '0156', '0157', '0158', '0159'))}", f"2555{dice.randint(0, 99999):05d}")
    )
    return f"0{tail}", f"+61{tail}", "AU"


def france(dice: Dice) -> tuple[str, str, str]:
    tail = dice.choice(("19900", "26191", "35301", "46571", "53649")) + f"{dice.randint(0, 9999):04d}"
    return f"0{tail}", f"+33{tail}", "FR"


def germany(dice: Dice) -> tuple[str, str, str]:
    tail = dice.choice((f"3023125{dice.randint(0, 999):03d}", f"17139200{dice.randint(10, 99):02d}"))
    return f"0{tail}", f"+49{tail}", "DE"


def sweden(dice: Dice) -> tuple[str, str, str]:
    tail = f"7017406{dice.randint(5, 99):02d}"
    return f"0{tail}", f"+46{tail}", "SE"


PLANS = (us, us, us, great_britain, australia, france, germany, sweden)


def groups(national: str, dice: Dice) -> list[str]:
    cuts = dice.choice(((3, 6), (3, 6), (2, 4, 6, 8), (4, 7), (5,)))
    edges = (0, *cuts, len(national))
    return [national[a:b] for a, b in pairwise(edges)]


def dashed(n: str, dice: Dice) -> str:
    return "-".join(groups(n, dice))


def spaced(n: str, dice: Dice) -> str:
    return " ".join(n)


def words_glued(n: str, dice: Dice) -> str:
    return "".join(WORDS["en"].split()[int(c)] if dice.random() < 0.5 else c for c in n)


def words_spaced(n: str, dice: Dice) -> str:
    return " ".join(WORDS["en"].split()[int(c)] if dice.random() < 0.5 else c for c in n)


def letters(n: str, dice: Dice) -> str:
    for digit, shapes in LETTERS.items():
        n = n.replace(digit, dice.choice(shapes))
    return n


def shifted(n: str, dice: Dice, at: int) -> str:
    return "".join(chr(at + int(c)) for c in n)


def keycaps(n: str, dice: Dice) -> str:
    return " ".join(c + "\ufe0f\u20e3" for c in n)


def odd_separators(n: str, dice: Dice) -> str:
    return dice.choice("*~._").join(groups(n, dice))


NINE: dict[str, Spelling] = {
    "dashes": dashed,
    "spaced out": spaced,
    "words glued": words_glued,
    "words spaced": words_spaced,
    "O and l for 0 and 1": letters,
    "full-width digits": partial(shifted, at=0xFF10),
    "keycap emoji": keycaps,
    "odd separators": odd_separators,
    "Arabic digits": partial(shifted, at=0x0660),
}


def worded(n: str, dice: Dice, language: str) -> str:
    glue = "" if language in UNSPACED and dice.random() < 0.5 else " "
    spelt = WORDS[language].split()
    return glue.join(spelt[int(c)] for c in n)


def any_digits(n: str, dice: Dice) -> str:
    return shifted(n, dice, dice.choice(DIGITS_AT))


def circled(n: str, dice: Dice) -> str:
    return "".join(CIRCLED[int(c)] for c in n)


def zero_width(n: str, dice: Dice) -> str:
    return "".join(c + dice.choice(("", *ZERO_WIDTH)) for c in n[:-1]) + n[-1]


def mixed_scripts(n: str, dice: Dice) -> str:
    return "".join(chr(dice.choice((0x30, 0xFF10, 0x0660, 0x0E50, 0x0966)) + int(c)) for c in n)


def more_lookalikes(n: str, dice: Dice) -> str:
    return "".join(dice.choice(LOOKALIKES[c]) if c in LOOKALIKES and dice.random() < 0.6 else c for c in n)


def long_separators(n: str, dice: Dice) -> str:
    glue = dice.choice(
        (" - ", " . ", "__", "...", "•", " • ", "/", "—", "–", "‑", ",", "=", "~~", "|", ":", "❤", " ♥ ", "✨", "+")
    )
    return glue.join(groups(n, dice))


def odd_brackets(n: str, dice: Dice) -> str:
    left, right = dice.choice(("()", "[]", "{}", "<>", ")(", "><", "】【", "（）", "}{", "「」", "»«"))
    first, *rest = groups(n, dice)
    return f"{left}{first}{right} {'-'.join(rest)}"


def doubled(n: str, dice: Dice) -> str:
    """`55` as `double 5`, `555` as `triple five`."""
    out: list[str] = []
    while n:
        same = len(n) - len(n.lstrip(n[0]))
        taken = min(same, 3)
        digit = WORDS["en"].split()[int(n[0])] if dice.random() < 0.5 else n[0]
        out.append(("", "double ", "triple ")[taken - 1] + digit)
        n = n[taken:]
    return " ".join(out)


def noise(n: str, dice: Dice) -> str:
    """A few words between the groups."""
    glue = dice.choice(
        (" then ", " and ", " and then ", " dash ", " dot ", " space ", " luego ", " y ", " puis ", " und ", " потом ")
    )
    return glue.join(groups(n, dice))


def pairs(n: str, dice: Dice) -> str:
    """Every other digit a word in one of several languages."""
    return " ".join(
        WORDS[dice.choice(("en", "es", "fr", "ru"))].split()[int(c)] if i % 2 else c for i, c in enumerate(n)
    )


def among_numbers(n: str, dice: Dice) -> str:
    """Beside prices, ages and hours."""
    frame = dice.choice(
        ("24/7 {}", "{} 24/7", "$150 {}", "{} 100€", "{} 10:00-22:00", "23 yo {}", "{}, 2 rooms", "18+ {}")
    )
    return frame.format(dashed(n, dice))


def one_line_each(n: str, dice: Dice) -> str:
    return "\n".join(groups(n, dice))


def accents(n: str, dice: Dice) -> str:
    """Marks over digits and around them."""
    return "".join(c + dice.choice(("", "\u0332", "\u0336", "\u0305", "\u20e3")) for c in n)


FURTHER: dict[str, Spelling] = {
    **{f"words: {language}": partial(worded, language=language) for language in WORDS if language != "en"},
    "digits of other scripts": any_digits,
    "circled digits": circled,
    "zero-width characters": zero_width,
    "digits of mixed scripts": mixed_scripts,
    "more look-alikes": more_lookalikes,
    "long separators": long_separators,
    "odd and reversed brackets": odd_brackets,
    "double and triple": doubled,
    "words between groups": noise,
    "words of mixed languages": pairs,
    "among other numbers": among_numbers,
    "one line a group": one_line_each,
    "marks on digits": accents,
}


def samples(kinds: dict[str, Spelling], each: int, seed: int) -> Iterator[Sample]:
    """`each` lines of every kind; the same seed gives the same lines."""
    for kind, spell in kinds.items():
        dice = Dice(f"{seed}:{kind}")
        for _ in range(each):
            national, number, region = dice.choice(PLANS)(dice)
            text = dice.choice(FRAMES).format(spell(national, dice))
            yield Sample(kind=kind, text=text, number=number, region=region)
