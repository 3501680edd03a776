"""The shelf of studies: those that a store knows, by name, and how one is removed from it."""

from __future__ import annotations

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.store import StorePlace, store_at
from chatwidget.tuning.study import Study

__all__ = ["remove_study", "stored_studies", "stored_study"]


def stored_studies(store: StorePlace = None) -> dict[str, Study]:
    """Return the studies that have run, by name, the last one first.

    Parameters
    ----------
    store
        The file that has their answers; by default that of this user.

    Raises
    ------
    ConfigurationError
        If the store cannot be used.
    """
    place = store_at(store)
    known = place.studies().items()
    return {name: Study.from_json(definition, store=place) for name, (definition, _) in known}


def stored_study(name: str, store: StorePlace = None) -> Study:
    """Return the study of a name.

    Raises
    ------
    ConfigurationError
        If there is none, or the store cannot be used.
    """
    known = store_at(store).studies()
    if name not in known:
        listed = f"There are: {', '.join(known)}." if known else "None has run yet."
        raise ConfigurationError(
            f"There is no study {name!r}.", hint=did_you_mean(name, known, listed)
        )
    return Study.from_json(known[name][0], store=store_at(store))


def remove_study(study: Study) -> None:
    """Remove a study from its store, with its answers; those that other studies share are kept.

    Raises
    ------
    ConfigurationError
        If the store cannot be used.
    """
    others = [other for name, other in stored_studies(study.store).items() if name != study.name]
    shared = {request.key for other in others for request in other.requests}
    own = {request.key for request in study.requests}
    study.store.remove_study(study.name, own - shared)
