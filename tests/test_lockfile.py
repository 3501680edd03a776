"""S36: what tests and CI install is pinned, and each file of it is checked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = ROOT / ".ci" / "requirements.txt"

pytestmark = pytest.mark.skipif(not LOCK.exists(), reason="this is no checkout")


def normal(name: str) -> str:
    """The name of a package, as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, list[str]]:
    """Each entry of the lockfile with its hashes."""
    entries: dict[str, list[str]] = {}
    for line in LOCK.read_text("utf-8").splitlines():
        if line.startswith("    --hash="):
            entries[list(entries)[-1]].append(line.strip(" \\"))
        elif not line.startswith("#"):
            entries[line.strip(" \\")] = []
    return entries


def test_every_version_is_pinned_and_has_hashes_S36() -> None:
    for entry, hashes in locked().items():
        assert re.match(r"[a-z0-9.-]+==[^ ;]+( ; .+)?$", entry), entry
        assert hashes, entry
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes)


def test_the_lock_names_no_place_to_download_from_S36() -> None:
    assert "://" not in LOCK.read_text("utf-8")
    assert "--index-url" not in LOCK.read_text("utf-8")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library reads no TOML")
def test_what_the_project_asks_for_is_in_the_lock_S36() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*settings["project"]["dependencies"], *settings["build-system"]["requires"]]
    wanted += settings["project"]["optional-dependencies"]["server"]
    for group in settings["dependency-groups"].values():
        wanted += [each for each in group if isinstance(each, str)]
    names = {normal(entry.partition("==")[0]) for entry in locked()}
    missing = {normal(re.split(r"[^\w.-]", each)[0]) for each in wanted} - names
    assert not missing, "make lock renews the lockfile"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library reads no TOML")
def test_each_dependency_has_a_floor_and_make_test_lowest_runs_with_it() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for wanted in [
        *project["dependencies"],
        *(each for extra in extras.values() for each in extra),
    ]:
        assert re.match(r"[\w.-]+>=\d[\d.]*", wanted), wanted
    dry_run = subprocess.run(
        ["make", "--dry-run", "--always-make", "test-lowest"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--resolution lowest-direct" in dry_run
    assert "-m pytest" in dry_run


def test_tests_and_ci_install_by_the_lock_S36() -> None:
    recipe = (
        (ROOT / "Makefile").read_text("utf-8").partition("\n.venv/test:")[2].partition("\n\n")[0]
    )
    first, models, own = re.findall(r"pip install (.*)", recipe)
    assert {"--require-hashes", "$(LOCK)"} <= set(first.split())
    assert {"--require-hashes", "--no-deps", "$(MODELS)"} <= set(models.split())
    assert {"--no-deps", "--no-build-isolation"} <= set(own.split())
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
