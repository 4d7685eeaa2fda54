"""From settings to running parts: sources, labels, pipeline, runner."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from manumit.connectors.contract import Source, Store
from manumit.connectors.files.survey import open_files
from manumit.connectors.labels.persons import read_persons
from manumit.connectors.labels.read import read_labels
from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.feed import FeedSource
from manumit.connectors.listings.register import SourceRegister, read_register
from manumit.connectors.models import load
from manumit.connectors.rates import Rates, read_rates
from manumit.connectors.store.opening import open_store
from manumit.connectors.tokens import kind_tokeniser, load_key, tokeniser
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Detector
from manumit.detectors.models import job_advert_model
from manumit.detectors.models.advert_words import AdvertModel
from manumit.detectors.text.hashed_terms import NO_TERMS
from manumit.detectors.text.identifiers import quiet_identifier
from manumit.detectors.text.reading import read
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.settings import Settings
from manumit.schemas.triage import Suppression
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.child_terms import read_child_terms
from manumit.streams.known import Known, known_in, suppressions_in
from manumit.streams.label_book import in_force
from manumit.streams.models import scorer_models
from manumit.streams.nodes import followers
from manumit.streams.outages import Outages
from manumit.streams.pipeline import Pipeline
from manumit.streams.protecting import Protection, Refer, referrer, was_referred
from manumit.streams.rule_pack import Configured, check_thresholds
from manumit.streams.runner import Desk, Runner, Totals
from manumit.streams.sealing import Seal, sealed
from manumit.streams.sweeping import Grid, ThresholdSet, configured, threshold_sets

MICROSECONDS = 1_000_000
Only = Sequence[Detector] | None


def now_us() -> int:
    """The clock, UTC microseconds: for what is written and measured, never for what is decided."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The parts of one run before it begins. `unusable` are label rows that could not be read."""

    settings: Settings
    store: Store
    sources: tuple[Source, ...]
    labels: tuple[Label, ...]
    unusable: tuple[DeadLetter, ...]
    pipeline: Pipeline
    suppressions: Callable[[], list[Suppression]]


def assemble(
    settings: Settings,
    *,
    store: Store | None = None,
    inputs: Sequence[Source] = (),
    known: Known | None = None,
    idle: bool = False,
) -> Assembled:
    """Open everything `settings` names. Raises ConfigError, EdgeDown; for no source too, unless it may be `idle`.

    `known` fixes imported labels and suppressions; left out, they are those of the store.
    """
    labels, unusable = known_labels(settings)
    rates = read_rates(settings.rates)
    adverts = (*feeds(settings), *crawls(settings))
    sources = (*inputs, *file_sources(settings, rates), *adverts, *followers(settings, rates, now_us))
    if not sources and not idle:
        raise ConfigError("nothing to read: give inputs (files or folders), or feeds, crawls or nodes in the settings")
    _check_names(sources)
    opened = store or open_store(settings.store_url)
    opened.migrate()
    told = known or known_in(opened)
    return Assembled(
        settings=settings,
        store=opened,
        sources=sources,
        labels=in_force(dict.fromkeys((*labels, *told.labels)), settings.label_mode, now_us()),
        unusable=unusable,
        pipeline=pipeline(settings, told.suppressions),
        suppressions=sometimes(lambda: suppressions_in(opened)) if known is None else lambda: list(known.suppressions),
    )


def file_sources(settings: Settings, rates: Rates) -> list[Source]:
    return [source for path in settings.inputs for source in open_files(path, rates)]


def feeds(settings: Settings) -> list[Source]:
    """Advert feeds. Raises ConfigError for a host that does not stand in the source register."""
    if not settings.feeds:
        return []
    register = read_register(Path(settings.source_register))
    for url in settings.feeds:
        register.entry(url)
    return [FeedSource(url=url, register=register, poll_s=settings.feed_poll_s) for url in settings.feeds]


def crawls(settings: Settings) -> list[CrawlSource]:
    """One for each host. Raises ConfigError for a host that the source register does not let be crawled."""
    hosts = dict.fromkeys(urlsplit(url).netloc for url in settings.crawls)
    register = read_register(Path(settings.source_register)) if hosts else SourceRegister({})

    key = cache(partial(load_key, Path(settings.token_key_file)))
    found = [
        CrawlSource(
            starts=[url for url in settings.crawls if urlsplit(url).netloc == host],
            register=register,
            folder=Path(settings.state_dir) / "crawl",
            key=key,
            quiet=lambda url: quiet_identifier(url, tokeniser(key())),
        )
        for host in hosts
    ]
    for source in found:
        source.checked()
    return found


def _check_names(sources: Sequence[Source]) -> None:
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"two inputs share the name {twice[0]}: a checkpoint could not tell them apart")


def all_labels(paths: Sequence[str]) -> tuple[tuple[Label, ...], tuple[DeadLetter, ...]]:
    read_all = [read_labels(path) for path in paths]
    return tuple(row for good, _ in read_all for row in good), tuple(row for _, bad in read_all for row in bad)


def known_labels(settings: Settings) -> tuple[tuple[Label, ...], tuple[DeadLetter, ...]]:
    """Of addresses, and of people by their tokens. Raises ConfigError, EdgeDown."""
    labels, unusable = all_labels(settings.labels)
    if settings.adverse_media:
        tokenise = kind_tokeniser(load_key(Path(settings.token_key_file)))
        for path in settings.adverse_media:
            persons, bad = read_persons(path, tokenise)
            labels, unusable = (*labels, *persons), (*unusable, *bad)
    return labels, unusable


def pipeline(
    settings: Settings, muted: Sequence[Suppression] = (), only: Only = None, kind: Callable[..., Pipeline] = Pipeline
) -> Pipeline:
    """`kind` makes it, of `only` these detectors. Raises ConfigError for unknown names, or a damaged model."""
    try:
        return kind(pack_of(settings, only), label_mode=settings.label_mode, suppressions=muted)
    except KeyError as error:
        raise ConfigError(f"thresholds: {error.args[0]}") from error


def pack_of(settings: Settings, only: Only = None) -> Configured:
    """The detectors that run, with their thresholds. Raises ConfigError as `pipeline`."""
    chosen = chosen_detectors(settings) if only is None else tuple(only)
    here = {one.about.id for one in chosen}
    thresholds = {name: of for name, of in settings.thresholds.items() if only is None or name in here}
    models, name = scorer_models(settings)
    return Configured(detectors=chosen, overrides=thresholds, models=models, model_name=name)


def sweeping_pipeline(settings: Settings, grid: Grid) -> tuple[tuple[ThresholdSet, ...], Pipeline]:
    """The threshold sets of the grid and a pipeline that judges by all of them. Raises ConfigError."""
    chosen = chosen_detectors(settings)
    sets = threshold_sets(chosen, settings.thresholds, grid)
    if not sets:
        raise ConfigError("nothing to vary: give --vary DETECTOR.THRESHOLD=VALUE,VALUE")
    models, name = scorer_models(settings)
    pack = configured(chosen, sets, settings.thresholds, models=models, model_name=name)
    return sets, Pipeline(pack, label_mode=settings.label_mode)


def chosen_detectors(settings: Settings) -> tuple[Detector, ...]:
    """Every detector that is not disabled; the one of job adverts where there is a model for it."""
    path = settings.advert_model
    learned = (job_advert_model.flag(AdvertModel.of(load(Path(path)))),) if path else ()
    known = (*detectors(), *learned)
    _check_known(settings, known)
    return tuple(one for one in known if one.about.id not in settings.disabled)


def _check_known(settings: Settings, known: Sequence[Detector]) -> None:
    ids = {one.about.id for one in known}
    for named in (*settings.disabled, *settings.thresholds):
        if named not in ids:
            raise ConfigError(f"settings name a detector {named!r} that does not exist; see `manumit rules list`")
    for one in known:
        check_thresholds(one.about, settings.thresholds.get(one.about.id, {}))


def letter_sealer(settings: Settings) -> Seal:
    """Seals refused records under the key of the settings, which is made when the first one comes."""

    @cache
    def tokenise() -> Callable[[str, str], str]:
        return kind_tokeniser(load_key(Path(settings.token_key_file)))

    return lambda letter: sealed(letter, lambda kind, text: tokenise()(kind, text))


def listing_reader(settings: Settings) -> Callable[[Listing], Listing]:
    """Reads an advert's text; contacts become tokens under the key of the settings."""

    @cache
    def tokenise() -> Callable[[str], str]:
        return tokeniser(load_key(Path(settings.token_key_file)))

    return lambda listing: read(listing, tokenise())


def protection(settings: Settings, store: Store | None = None) -> Protection:
    """The way of child protection, with the operator's terms, and what `store` says was referred before.

    Raises ConfigError for a list that cannot be read.
    """

    @cache
    def refer() -> Refer:
        return referrer(load_key(Path(settings.token_key_file)))

    terms = read_child_terms(Path(settings.child_terms)) if settings.child_terms else NO_TERMS
    known = (lambda reference: False) if store is None else partial(was_referred, store)
    return Protection(refer=lambda reference: refer()(reference), terms=terms, known=known)


def runner(
    parts: Assembled,
    *,
    progress: Callable[[Totals, Mapping[str, str]], None],
    resumable: bool,
    keep_events: bool = True,
    outages: Outages | None = None,
) -> Runner:
    """A runner that resumes from the settings' state folder when `resumable`."""
    settings = parts.settings
    desk = Desk(
        store=parts.store,
        clock=now_us,
        read=listing_reader(settings),
        seal=letter_sealer(settings),
        protect=protection(settings, parts.store).screened,
        suppressions=parts.suppressions,
        progress=progress,
        outages=outages or Outages(now_us),
        keep_events=keep_events,
        checkpoint_every_us=round(settings.checkpoint_every_s * MICROSECONDS),
        allowed_lateness_us=settings.allowed_lateness_s * MICROSECONDS,
    )
    return Runner(
        sources=parts.sources,
        pipeline=parts.pipeline,
        desk=desk,
        labels=parts.labels,
        unusable=parts.unusable,
        checkpoints=Checkpoints(Path(settings.state_dir)) if resumable else None,
    )


def sometimes(fetch: Callable[[], list[Suppression]]) -> Callable[[], list[Suppression]]:
    """Asks the store at most once a second."""
    kept: list[Suppression] = []
    asked_us = 0

    def fetched() -> list[Suppression]:
        nonlocal kept, asked_us
        if now_us() - asked_us > MICROSECONDS:
            kept, asked_us = fetch(), now_us()
        return kept

    return fetched


def with_inputs(settings: Settings, *, inputs: Sequence[str], labels: Sequence[str], rates: Sequence[str]) -> Settings:
    """The settings with what the command line adds."""
    of_inputs, of_labels, of_rates = (*settings.inputs, *inputs), (*settings.labels, *labels), (*settings.rates, *rates)
    return msgspec.structs.replace(settings, inputs=of_inputs, labels=of_labels, rates=of_rates)
