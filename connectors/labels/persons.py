"""People and firms of FollowTheMoney files as labels of keyed tokens: what a name says is lost here, for good.

Read are a document's, firm's or tax number, an e-mail address, a telephone, and a name together with its birthday.
A name alone gives nothing. Source: followthemoney, schema/LegalEntity.yaml, Person.yaml, Identification.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import phonenumbers

from manumit.connectors.labels.categories import topic_category
from manumit.connectors.labels.ftm import LONGEST_SOURCE, Entity, dated, holder_ids, texts
from manumit.connectors.tokens import folded_text
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import ConfigError, EdgeDown
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label, LabelCategory
from manumit.schemas.subject import person_token

Tokenise = Callable[[str, str], str]
PARTIES = ("Person", "LegalEntity", "Company", "Organization", "PublicBody")
PAPERS = ("Identification", "Passport")
NUMBERS = (
    "passportNumber",
    "idNumber",
    "taxNumber",
    "socialSecurityNumber",
    "registrationNumber",
    "vatCode",
    "leiCode",
    "number",
)
NAMES = ("name", "alias", "weakAlias", "previousName")
MOST_NAMES, MOST_BIRTHDAYS = 24, 4
A_DAY = 10


def read_persons(path: Path | str, tokenise: Tokenise) -> tuple[tuple[Label, ...], tuple[DeadLetter, ...]]:
    """Labels of one FollowTheMoney file of lines, and a dead letter for each line that is none.

    Raises ConfigError when there is no such file, EdgeDown when it cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"adverse_media {path} is no file; give FollowTheMoney entities, one JSON object a line")
    try:
        with path.open("rb") as lines:
            read = list(parse_persons(lines, file_name=path.name, tokenise=tokenise))
    except OSError as error:
        raise EdgeDown(f"{path} cannot be read: {error}") from error
    return tuple(r for r in read if isinstance(r, Label)), tuple(r for r in read if isinstance(r, DeadLetter))


def parse_persons(lines: Iterable[bytes], *, file_name: str, tokenise: Tokenise) -> Iterator[Label | DeadLetter]:
    """Pure. Parties that have a topic, and papers whose holder in the same file has one."""
    decoder = msgspec.json.Decoder(Entity)
    parties: dict[str, Entity] = {}
    papers: list[Entity] = []
    for number, line in enumerate(lines, 1):
        try:
            entity = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield _unusable(f"{file_name}:{number}", f"not a FollowTheMoney entity ({error})")
            continue
        if entity.schema in PARTIES:
            parties[entity.id] = entity
        elif entity.schema in PAPERS:
            papers.append(entity)
    for entity in parties.values():
        yield from labels_of(entity, entity, tokenise)
    for paper in papers:
        for holder in holder_ids(paper):
            if holder in parties:
                yield from labels_of(paper, parties[holder], tokenise)


def labels_of(entity: Entity, party: Entity, tokenise: Tokenise) -> Iterator[Label]:
    """What `entity` tells of `party`; the label is called by the party's id at its source, not by a name."""
    category = topic_category(texts(party, "topics"))
    if category is not None:
        for token in dict.fromkeys(tokens(entity, tokenise)):
            yield _label(token, category, party)


def tokens(entity: Entity, tokenise: Tokenise) -> Iterator[str]:
    for name in NUMBERS:
        for text in texts(entity, name):
            yield from (tokenise("document", number) for number in spellings(text))
    yield from (tokenise("contact", f"email:{text.strip().casefold()}") for text in texts(entity, "email"))
    yield from (tokenise("contact", number) for text in texts(entity, "phone") if (number := telephone(text)))
    birthdays = [text for text in texts(entity, "birthDate") if len(text) == A_DAY][:MOST_BIRTHDAYS]
    names = dict.fromkeys(folded_text(text) for name in NAMES for text in texts(entity, name))
    for name in list(names)[:MOST_NAMES]:
        yield from (person_token(tokenise("name", name), tokenise("birth", day)) for day in birthdays)


def spellings(number: str) -> tuple[str, ...]:
    """As written, and without blanks and signs between."""
    written = folded_text(number)
    bare = "".join(letter for letter in written if letter.isalnum())
    return tuple(dict.fromkeys(text for text in (written, bare) if text))


def telephone(text: str) -> str:
    """As an exchange's own are written; empty for what is none with a country."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return ""
    return f"tel:{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}"


def _label(token: str, category: LabelCategory, party: Entity) -> Label:
    since = dated(party, YEAR_1970_US)
    return Label(
        subject=token,
        category=category,
        name=party.id,
        source=f"ftm:{','.join(party.datasets) or 'unnamed'}"[:LONGEST_SOURCE],
        source_url=next(iter(texts(party, "sourceUrl")), ""),
        listed_us=since,
        valid_from_us=since,
    )


def _unusable(place: str, message: str) -> DeadLetter:
    """Without the line: it may hold a name."""
    return dead_letter(
        source="adverse-media", place=place, reason="unusable-label", message=message, payload="", at_us=YEAR_1970_US
    )
