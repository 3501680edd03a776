"""A store is not kept where its locks do not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning import store_place
from chatwidget.tuning.store import store_at
from chatwidget.tuning.store_place import StorePlaceWarning, file_system, local_place

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /home rw,relatime shared:20 master:3 - nfs4 files:/home rw,vers=4.2
41 40 8:2 / /home/ada/scratch rw - xfs /dev/sdb1 rw
42 22 0:42 / /mnt/my\040share rw - cifs //server/share rw
43 22 0:43 / /homestead rw - btrfs /dev/sdc rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/x", "ext4"),
        ("/home/ada/.local/share/chatwidget/answers.sqlite", "nfs4"),
        ("/home/ada/scratch/answers.sqlite", "xfs"),
        ("/mnt/my share/a", "cifs"),
        ("/homestead/a", "btrfs"),
    ],
)
def test_the_nearest_mount_tells_the_file_system(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind
    assert file_system(Path(path), "") == ""
    assert file_system(Path(path), "what nobody knows - \n - nfs") == ""


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where answers of this machine go; everything else is on the network."""
    (tmp_path / "mounts").write_text("40 1 0:40 / / rw - nfs files:/ rw\n")
    (tmp_path / "local").mkdir()
    monkeypatch.setattr(store_place, "_MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(store_place, "_LOCAL", tmp_path / "local")
    return tmp_path / "local"


def test_on_a_network_file_system_it_is_kept_locally_and_said_so(
    local: Path, tmp_path: Path
) -> None:
    with pytest.warns(
        StorePlaceWarning, match=r"network file system \(nfs\).*kept on this machine"
    ):
        found = local_place(tmp_path / "one" / "answers.sqlite")
    assert found.parent.parent == local
    assert found.parent.stat().st_mode & 0o777 == 0o700
    with pytest.warns(StorePlaceWarning):
        other = local_place(tmp_path / "two" / "answers.sqlite")
    assert other != found
    with pytest.warns(StorePlaceWarning):
        store = store_at(tmp_path / "one" / "answers.sqlite")
    assert store.place.path == found
    assert store_at(tmp_path / "one" / "answers.sqlite") is store  # it is said once


def test_a_folder_that_others_can_open_is_not_used(local: Path, tmp_path: Path) -> None:
    with pytest.warns(StorePlaceWarning):
        folder = local_place(tmp_path / "a").parent
    folder.chmod(0o755)
    with pytest.raises(ConfigurationError, match="not for this user alone"):
        local_place(tmp_path / "a")
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(ConfigurationError, match="not for this user alone"):
        local_place(tmp_path / "a")


def test_without_a_local_folder_it_is_told(local: Path, tmp_path: Path) -> None:
    local.rmdir()
    with pytest.raises(ConfigurationError, match="no place on this machine"):
        local_place(tmp_path / "a")


def test_a_disk_of_this_machine_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_place, "_MOUNTS", tmp_path / "no mounts")
    assert local_place(tmp_path / "a") == tmp_path / "a"
