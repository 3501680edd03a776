"""Where a store can be: SQLite's locks need a file system of this machine."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import warnings
from pathlib import Path

from chatwidget.client.errors import ConfigurationError

__all__ = ["StorePlaceWarning", "file_system", "local_place"]

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|afs|ncpfs|lustre|gpfs|beegfs|ceph|pvfs2|orangefs|panfs|wekafs"
    r"|fuse\.(?:sshfs|glusterfs|ceph|s3fs|gcsfuse|rclone|davfs2?|juicefs|beegfs.*)|glusterfs"
)
_LOCAL = Path("/var/tmp")  # noqa: S108 - a folder of our own in it, which is checked


class StorePlaceWarning(UserWarning):
    """The store is kept elsewhere, because locks do not hold where it was to be."""


def local_place(path: Path) -> Path:
    """Return a path, or one on this machine if it is on a network file system, and say so.

    Raises
    ------
    ConfigurationError
        If there is no such place that is for this user alone.
    """
    kind = file_system(path, _mounts())
    if not _NETWORK.fullmatch(kind):
        return path
    folder = _own_folder()
    name = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    local = folder / f"{path.stem}-{name}{path.suffix}"
    warnings.warn(
        f"{path.parent} is on a network file system ({kind}), where the locks of SQLite do not "
        f"hold: the answers are kept on this machine, in {local}. store= names another file.",
        StorePlaceWarning,
        stacklevel=2,
    )
    return local


def file_system(path: Path, mounts: str) -> str:
    """Return what kind of file system a path is on; empty if that is not known.

    Parameters
    ----------
    path
        The path, from the root; it need not exist.
    mounts
        What Linux tells of mounts; see ``proc_pid_mountinfo(5)``.
    """
    found = ("", "")
    for line in mounts.splitlines():
        place, _, rest = line.partition(" - ")
        fields, kinds = place.split(" "), rest.split(" ")
        if len(fields) > 4 and kinds[0]:  # noqa: PLR2004 - the fifth is the mount point
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
            if path.is_relative_to(point) and len(point) >= len(found[0]):
                found = (point, kinds[0])
    return found[1]


def _mounts() -> str:
    try:
        return _MOUNTS.read_text("utf-8", "replace")
    except OSError:  # another system than Linux
        return ""


def _own_folder() -> Path:
    folder = _LOCAL / f"chatwidget-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise ConfigurationError(
            f"There is no place on this machine for stored answers: {error.strerror}.",
            hint="Name a file on a disk of this machine with store=, or switch it off with False.",
        ) from None
    is_ours = found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)
    if not is_ours or stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigurationError(
            f"{folder} is not for this user alone, so that no answers are stored there.",
            hint="Name a file on a disk of this machine with store=, or switch it off with False.",
        )
    return folder
