"""Applying what waits: the loop around the projector, and the replay of a source."""

from collections.abc import Callable

from storage import sources as source_rows
from storage.unit_of_work import Store, UnitOfWork
from tracker.applying.projector import Applied, Projector
from tracker.sources.registry import SourceSpec


def catch_up(
    store: Store,
    spec: SourceSpec,
    told: Callable[[Applied], None] = lambda _: None,
    *,
    gated: bool = True,
) -> list[Applied]:
    """Apply every capture of a source that waits, rebuilding where history calls
    for it: a capture that belongs before an applied one, a newer parser, or a
    decision of a person.

    Args:
        store: the database.
        spec: the source.
        told: called after each capture, to show progress.
        gated: False records raw changes, for tests and measurements.
    """
    with store.writing() as work:
        row = ensure_source(work, spec)
        projector = Projector(spec, row.id, gated=gated)
        stale = row.rebuild or row.reader != spec.version
        if stale or projector.out_of_order(work):
            done = projector.rebuild(work, told)
            work.commit()
            return done
        work.commit()
    done = []
    while applied := _apply_one(store, projector):
        done += applied
        told(applied[-1])
    return done


def rebuild(
    store: Store, spec: SourceSpec, told: Callable[[Applied], None] = lambda _: None
) -> list[Applied]:
    """Replay all captures of a source; readers see the old state until it is done."""
    with store.writing() as work:
        done = Projector(spec, ensure_source(work, spec).id).rebuild(work, told)
        work.commit()
    return done


def _apply_one(store: Store, projector: Projector) -> list[Applied]:
    with store.writing() as work:
        applied = projector.apply_next(work)
        work.commit()
    return applied


def ensure_source(work: UnitOfWork, spec: SourceSpec) -> source_rows.SourceRow:
    """The source's row, made on first use."""
    return source_rows.ensure(
        work.connection,
        spec.name,
        precedence=spec.precedence,
        provider=spec.provider,
        reader=spec.version,
    )
