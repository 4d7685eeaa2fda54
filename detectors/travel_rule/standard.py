"""What IVMS101 itself asks beyond types and lengths: its constraints C2 to C12, on what the schema let through.

C1 and C4 (what an originator must be known by) stand in `judgement`, for a jurisdiction may ask for more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from manumit.detectors.travel_rule.finding import Gap, Remark
from manumit.detectors.travel_rule.names import has_lei_form, is_filler, lei_checks
from manumit.schemas.countries import is_country
from manumit.schemas.standards.ivms101.message import (
    Address,
    LegalPerson,
    Message,
    NationalIdentification,
    NaturalPerson,
    Person,
)
from manumit.schemas.standards.ivms101.reading import Reading
from manumit.schemas.standards.ivms101.spelling import VERSION_2023

LEGAL_TYPES = ("RAID", "TXID", "LEIX", "FIIN", "MISC")
PLACING = ("addressLine", "streetName", "buildingName", "buildingNumber")
OLDEST_YEARS = 130  # ours: the oldest life on record is 122 years
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Placed = tuple[str, Person]


def people(message: Message) -> list[Placed]:
    """Every person of the message with the path it stands at."""
    found: list[Placed] = []
    if message.originator:
        found += _listed("originator.originatorPerson", message.originator.originator_person)
    if message.beneficiary:
        found += _listed("beneficiary.beneficiaryPerson", message.beneficiary.beneficiary_person)
    for name, provider in (
        ("originatingVASP", message.originating_vasp),
        ("beneficiaryVASP", message.beneficiary_vasp),
    ):
        if provider is not None:
            found.append((name, provider))
    path = message.transfer_path.transfer_path if message.transfer_path else ()
    for i, between in enumerate(path):
        if between.intermediary_vasp is not None:
            found.append((f"transferPath.transferPath[{i}].intermediaryVASP", between.intermediary_vasp))
    return found


def _listed(path: str, persons: tuple[Person, ...]) -> list[Placed]:
    return [(f"{path}[{i}]", person) for i, person in enumerate(persons)]


def constraints(reading: Reading, at_us: int | None) -> Iterator[Gap]:
    """Gaps by the standard's own constraints. `at_us`: when the message was sent; None leaves out what needs it."""
    for path, person in people(reading.message):
        if reading.refused(path):
            continue
        yield from _choice(reading, path, person)
        if person.natural_person is not None:
            yield from _natural(reading, f"{path}.naturalPerson", person.natural_person, at_us)
        if person.legal_person is not None:
            yield from _legal(reading, f"{path}.legalPerson", person.legal_person)
    yield from _message(reading)


def _choice(reading: Reading, path: str, person: Person) -> Iterator[Gap]:
    both = person.natural_person is not None and person.legal_person is not None
    neither = person.natural_person is None and person.legal_person is None
    if both:
        yield Gap(path=path, kind="ill-formed", rule="IVMS101: person", why="is a natural and a legal person at once")
    if neither and not (reading.faulty(f"{path}.naturalPerson") or reading.faulty(f"{path}.legalPerson")):
        yield Gap(path=path, kind="missing", rule="IVMS101: person", why="names neither a natural nor a legal person")


def _natural(reading: Reading, path: str, person: NaturalPerson, at_us: int | None) -> Iterator[Gap]:
    names = person.name.name_identifier if person.name else ()
    types = [name.natural_person_name_identifier_type for name in names]
    yield from _legal_name(f"{path}.name.nameIdentifier", "C6", types)
    for i, name in enumerate(names):
        if is_filler(name.primary_identifier, name.secondary_identifier):
            yield _filler(f"{path}.name.nameIdentifier[{i}]")
    yield from _country(f"{path}.countryOfResidence", person.country_of_residence)
    yield from _addresses(reading, path, person.geographic_address)
    if person.date_and_place_of_birth is not None:
        yield from _birthday(
            f"{path}.dateAndPlaceOfBirth.dateOfBirth", person.date_and_place_of_birth.date_of_birth, at_us
        )
    if person.national_identification is not None:
        yield from _identification(f"{path}.nationalIdentification", person.national_identification)


def _legal(reading: Reading, path: str, person: LegalPerson) -> Iterator[Gap]:
    names = person.name.name_identifier if person.name else ()
    yield from _legal_name(
        f"{path}.name.nameIdentifier", "C5", [name.legal_person_name_identifier_type for name in names]
    )
    for i, name in enumerate(names):
        if is_filler(name.legal_person_name):
            yield _filler(f"{path}.name.nameIdentifier[{i}]")
    yield from _country(f"{path}.countryOfRegistration", person.country_of_registration)
    yield from _addresses(reading, path, person.geographic_address)
    given = person.national_identification
    if given is not None:
        yield from _identification(f"{path}.nationalIdentification", given)
        yield from _registered(reading, f"{path}.nationalIdentification", given)


def _legal_name(path: str, rule: str, types: list[str | None]) -> Iterator[Gap]:
    """A type that is not known may have been the legal one: it has its own gap."""
    if types and None not in types and "LEGL" not in types:
        yield Gap(path=path, kind="missing", rule=f"IVMS101 {rule}", why="holds no legal name (LEGL)")


def _filler(path: str) -> Gap:
    return Gap(path=path, kind="filler", rule="FATF R.16: meaningful information", why="is no name")


def _country(path: str, code: str | None) -> Iterator[Gap]:
    if code is not None and not is_country(code):
        yield Gap(path=path, kind="ill-formed", rule="IVMS101 C3", why="is no country of ISO 3166-1")


def _addresses(reading: Reading, path: str, addresses: tuple[Address, ...]) -> Iterator[Gap]:
    for i, address in enumerate(addresses):
        place = f"{path}.geographicAddress[{i}]"
        yield from _country(f"{place}.country", address.country)
        street = address.street_name and (address.building_name or address.building_number)
        ill = any(reading.faulty(f"{place}.{name}") for name in PLACING) or reading.refused(place)
        if not (address.address_line or street or ill):
            yield Gap(
                path=place, kind="missing", rule="IVMS101 C8", why="has neither lines nor a street with a building"
            )


def _birthday(path: str, text: str | None, at_us: int | None) -> Iterator[Gap]:
    if text is None:
        return
    try:
        born = date.fromisoformat(text)
    except ValueError:
        yield Gap(path=path, kind="ill-formed", rule="IVMS101 C2", why="is no day of the calendar")
        return
    if at_us is None:
        return
    today = (EPOCH + timedelta(microseconds=at_us)).date()
    if born >= today:
        yield Gap(path=path, kind="ill-formed", rule="IVMS101 C2", why="is not in the past")
    elif today.year - born.year > OLDEST_YEARS:
        yield Gap(
            path=path, kind="filler", rule="FATF R.16: meaningful information", why="is longer ago than anybody lives"
        )


def _identification(path: str, given: NationalIdentification) -> Iterator[Gap]:
    yield from _country(f"{path}.countryOfIssue", given.country_of_issue)
    number = given.national_identifier
    if number is not None and given.national_identifier_type == "LEIX" and not has_lei_form(number):
        why = "is not in the form of a legal entity identifier"
        yield Gap(path=f"{path}.nationalIdentifier", kind="ill-formed", rule="IVMS101 C11", why=why)


def _registered(reading: Reading, path: str, given: NationalIdentification) -> Iterator[Gap]:
    """Where the type is not known, the number's own form tells whether it is an LEI."""
    kind = given.national_identifier_type
    authority = f"{path}.registrationAuthority"
    is_lei = kind == "LEIX" if kind is not None else has_lei_form(given.national_identifier or "")
    if kind is not None and kind not in LEGAL_TYPES:
        why = f"is none of {', '.join(LEGAL_TYPES)}, as a legal person's must be"
        yield Gap(path=f"{path}.nationalIdentifierType", kind="ill-formed", rule="IVMS101 C7", why=why)
    if is_lei and given.registration_authority is not None:
        yield Gap(path=authority, kind="ill-formed", rule="IVMS101 C9", why="must not stand beside an LEI")
    if not is_lei and given.registration_authority is None and not reading.faulty(authority):
        yield Gap(path=authority, kind="missing", rule="IVMS101 C9", why="is required where the number is no LEI")
    if given.country_of_issue is not None:
        why = "must not be given for a legal person"
        yield Gap(path=f"{path}.countryOfIssue", kind="ill-formed", rule="IVMS101 C9", why=why)


def _message(reading: Reading) -> Iterator[Gap]:
    path = "transferPath.transferPath"
    between = reading.message.transfer_path.transfer_path if reading.message.transfer_path else ()
    places = [one.sequence for one in between]
    if None not in places and sorted(places, key=str) != sorted(range(len(places)), key=str):
        yield Gap(path=path, kind="ill-formed", rule="IVMS101 C12", why="does not count 0, 1, 2 …")
    metadata = reading.message.payload_metadata
    version = "payloadMetadata.payloadVersion"
    if reading.form == "2023" and not reading.faulty(version):
        said = metadata.payload_version if metadata else None
        if said is None:
            yield Gap(path=version, kind="missing", rule="IVMS101.2023", why="is required in the 2023 form")
        elif said != VERSION_2023:
            yield Gap(
                path=version, kind="ill-formed", rule="IVMS101.2023", why="names another form than the message has"
            )


def remarks(reading: Reading) -> Iterator[Remark]:
    """What a person should look at, though no rule is broken."""
    for path, person in people(reading.message):
        legal = person.legal_person
        given = legal.national_identification if legal else None
        number = given.national_identifier if given and given.national_identifier_type == "LEIX" else None
        if number and has_lei_form(number) and not lei_checks(number):
            place = f"{path}.legalPerson.nationalIdentification.nationalIdentifier"
            yield Remark(path=place, why="the check digits of this legal entity identifier do not agree")
        natural = person.natural_person
        if natural is None or natural.country_of_residence is None:
            continue
        homes = {address.country for address in natural.geographic_address if address.address_type == "HOME"} - {None}
        if homes and natural.country_of_residence not in homes:
            yield Remark(path=f"{path}.naturalPerson.countryOfResidence", why="the home address is in another country")
