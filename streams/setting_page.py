"""The page docs/settings.md, made from the settings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from manumit.schemas.markdown import code, page, plain, table
from manumit.schemas.settings import NodeSettings, Settings
from manumit.streams.configuration import CONSOLE_TOKEN, FILE, PREFIX

HEAD = f"""# Settings

This page is generated from `schemas/settings.py` by `scripts/pages`; edit the settings, not the page.

Settings come from one TOML file (`--config FILE`, else the variable `{FILE}`), then from the environment over it.
Lists take commas in the environment, `nodes` and `thresholds` take JSON there. What no setting is called is refused.
The console's token is new at every start, unless `{CONSOLE_TOKEN}` holds one of at least 16 characters."""


def setting_page() -> str:
    """The whole page as Markdown."""
    return page([HEAD, "## Settings", _table(Settings, PREFIX), "## Each of `nodes`", _table(NodeSettings, "")])


def _table(struct: type[msgspec.Struct], prefix: str) -> str:
    head = ("Setting", *(("Variable",) if prefix else ()), "Unless set", "Meaning")
    return table(head, _rows(struct, prefix))


def _rows(struct: type[msgspec.Struct], prefix: str) -> Iterator[tuple[str, ...]]:
    schema = msgspec.json.schema(struct)["$defs"][struct.__name__]
    for field in msgspec.structs.fields(struct):
        default = "must be given" if field.required else code(msgspec.json.encode(_default(field)).decode())
        variable = (code(prefix + field.name.upper()),) if prefix else ()
        yield (code(field.name), *variable, default, plain(schema["properties"][field.name].get("description", "")))


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
