"""What the truth says is in the world, by the letter of the catalogue, and innocents stay short of it."""

from __future__ import annotations

import pytest

from manumit.connectors.world.generate import generate
from manumit.connectors.world.world import World
from tests.connectors.world.letter import LETTERS, books, found

Found = dict[str, set[str]]


def read(world: World) -> Found:
    kept = books(world.each_transfer(), world.labels)
    return {rule: found(kept, rule) for rule in LETTERS}


@pytest.fixture(scope="module")
def loud(world: World) -> Found:
    return read(world)


@pytest.fixture(scope="module")
def calm(quiet_world: World) -> Found:
    return read(quiet_world)


def expected(world: World, rule: str) -> set[str]:
    return {s for case in world.truth for s in case.expected.get(rule, ()) if s.startswith("eip155:")}


def satisfied_twins(world: World, rule: str) -> set[str]:
    return {twin.subject for twin in world.twins if twin.near == rule and twin.satisfied}


@pytest.mark.parametrize("rule", sorted(LETTERS))
def test_every_expected_subject_satisfies_its_rule(world: World, loud: Found, rule: str) -> None:
    assert expected(world, rule)
    assert expected(world, rule) - loud[rule] == set()


@pytest.mark.parametrize("rule", sorted(LETTERS))
def test_nobody_outside_the_cases_satisfies_a_rule(world: World, loud: Found, rule: str) -> None:
    planted = {subject for case in world.truth for subject in case.subjects}
    assert loud[rule] - planted - satisfied_twins(world, rule) == set()


@pytest.mark.parametrize("rule", sorted(LETTERS))
def test_the_quiet_world_is_quiet(quiet_world: World, calm: Found, rule: str) -> None:
    assert calm[rule] == satisfied_twins(quiet_world, rule)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_hold_their_truth_too(seed: int) -> None:
    world = generate(seed, scale=3)
    held = read(world)
    for rule in LETTERS:
        assert expected(world, rule) - held[rule] == set(), rule
