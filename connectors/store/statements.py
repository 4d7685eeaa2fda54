"""The few statements the stores write themselves. Names are checked; values never enter them."""

from __future__ import annotations

import re

from manumit.schemas.errors import ConfigError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def checked_name(name: str, *, what: str) -> str:
    """The name of a database, table or column. Raises ConfigError unless it is letters, digits and _."""
    if not NAME.fullmatch(name):
        raise ConfigError(f"{what} {name!r} is not a name of letters, digits and underscores")
    return name


def insert_into(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f"`{checked_name(column, what='column')}`" for column in columns)
    return f"insert into `{checked_name(table, what='table')}` ({names})"


def create_database(name: str) -> str:
    return f"create database if not exists `{checked_name(name, what='database')}`"


def use_database(name: str) -> str:
    return f"use `{checked_name(name, what='database')}`"
