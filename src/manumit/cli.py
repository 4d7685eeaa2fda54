"""The command line: the only file that knows every room, with the commands beside it."""

from __future__ import annotations

from collections.abc import Callable

import typer

from manumit import __version__
from manumit.commands import (
    assessing,
    child_wording,
    cluster,
    customers,
    exchange_replay,
    looking,
    owners,
    redflags,
    replaying,
    running,
    screening,
    sweeping,
    training,
    travel_rule,
)
from manumit.commands.terminal import Json, put_json, put_table

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="manumit watches money and adverts for published red flags of human trafficking.",
)
COMMANDS: dict[str, Callable[..., None]] = {
    "demo": running.demo,
    "up": running.up,
    "run": running.run,
    "replay": replaying.replay,
    "sweep": sweeping.sweep,
    "simulate": running.simulate,
    "train": training.train_model,
    "drift": training.drift,
    "publish": cluster.publish,
    "worker": cluster.worker,
    "alerts": looking.alerts,
    "screen": screening.screen,
    "assess": assessing.assess,
    "dead-letters": looking.dead_letters,
    "suppressions": looking.suppressions,
    "owner": owners.owner,
    "doctor": looking.doctor,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, group in {
    "rules": looking.rules,
    "redflags": redflags.app,
    "labels": looking.labels,
    "schemas": looking.schemas,
    "topics": cluster.topics,
    "exchange": customers.exchange,
    "child-wording": child_wording.child_wording,
}.items():
    app.add_typer(group, name=name)


customers.exchange.command("simulate")(exchange_replay.exchange_simulate)
customers.exchange.command("replay")(exchange_replay.exchange_replay)
customers.exchange.command("travel-rule")(travel_rule.travel_rule)


@app.command("version")
def version(as_json: Json = False) -> None:
    """The version of manumit."""
    put_json({"manumit": __version__}) if as_json else put_table(("manumit",), [(__version__,)])


def main() -> None:
    """Entry point of the `manumit` command."""
    app()


if __name__ == "__main__":
    main()
