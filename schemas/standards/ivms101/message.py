"""A travel-rule message in one spelling: every field may be absent, for messages come with gaps."""

from __future__ import annotations

import msgspec


class NameIdentifier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One way a person is called: family name or the whole name, and given names."""

    primary_identifier: str | None = None
    secondary_identifier: str | None = None
    natural_person_name_identifier_type: str | None = None


class LegalNameIdentifier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One name of an organisation."""

    legal_person_name: str | None = None
    legal_person_name_identifier_type: str | None = None


class NaturalName(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Names in Latin letters, in the local script and by sound."""

    name_identifier: tuple[NameIdentifier, ...] = ()
    local_name_identifier: tuple[NameIdentifier, ...] = ()
    phonetic_name_identifier: tuple[NameIdentifier, ...] = ()


class LegalName(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Names in Latin letters, in the local script and by sound."""

    name_identifier: tuple[LegalNameIdentifier, ...] = ()
    local_name_identifier: tuple[LegalNameIdentifier, ...] = ()
    phonetic_name_identifier: tuple[LegalNameIdentifier, ...] = ()


class Address(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A postal address, in fields or in lines."""

    address_type: str | None = None
    department: str | None = None
    sub_department: str | None = None
    street_name: str | None = None
    building_number: str | None = None
    building_name: str | None = None
    floor: str | None = None
    post_box: str | None = None
    room: str | None = None
    post_code: str | None = None
    town_name: str | None = None
    town_location_name: str | None = None
    district_name: str | None = None
    country_sub_division: str | None = None
    address_line: tuple[str, ...] = ()
    country: str | None = None


class NationalIdentification(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A number some authority gave."""

    national_identifier: str | None = None
    national_identifier_type: str | None = None
    country_of_issue: str | None = None
    registration_authority: str | None = None


class Birth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`date_of_birth` is `YYYY-MM-DD`."""

    date_of_birth: str | None = None
    place_of_birth: str | None = None


class NaturalPerson(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A human being."""

    name: NaturalName | None = None
    geographic_address: tuple[Address, ...] = ()
    national_identification: NationalIdentification | None = None
    customer_identification: str | None = None
    date_and_place_of_birth: Birth | None = None
    country_of_residence: str | None = None


class LegalPerson(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An organisation."""

    name: LegalName | None = None
    geographic_address: tuple[Address, ...] = ()
    national_identification: NationalIdentification | None = None
    customer_identification: str | None = None
    country_of_registration: str | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One of the two. `account_number` stands here in some 2023 messages."""

    natural_person: NaturalPerson | None = None
    legal_person: LegalPerson | None = None
    account_number: tuple[str, ...] = ()


class Originator(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who sends."""

    originator_person: tuple[Person, ...] = ()
    account_number: tuple[str, ...] = ()


class Beneficiary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who receives."""

    beneficiary_person: tuple[Person, ...] = ()
    account_number: tuple[str, ...] = ()


class Intermediary(msgspec.Struct, frozen=True, kw_only=True):
    """A provider between the two, with its place in the row, from 0."""

    intermediary_vasp: Person | None = msgspec.field(default=None, name="intermediaryVASP")
    sequence: int | None = None


class TransferPath(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The providers between the two."""

    transfer_path: tuple[Intermediary, ...] = ()


class PayloadMetadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the message says of itself."""

    transliteration_method: tuple[str, ...] = ()
    payload_version: str | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole message."""

    originator: Originator | None = None
    beneficiary: Beneficiary | None = None
    originating_vasp: Person | None = msgspec.field(default=None, name="originatingVASP")
    beneficiary_vasp: Person | None = msgspec.field(default=None, name="beneficiaryVASP")
    transfer_path: TransferPath | None = None
    payload_metadata: PayloadMetadata | None = None
