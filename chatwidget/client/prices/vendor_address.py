"""Whether an address is a vendor's own: a pattern that means a host may match others, too."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["is_vendor_address"]

_ELSEWHERE = "elsewhere.invalid"


def is_vendor_address(pattern: str, base_url: str) -> bool:
    """Tell whether a vendor's pattern means the host of an address, not the beginning of one.

    So ``https://api.openai.com.proxy.example`` is another host, and so is one whose path alone
    has a vendor's name.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    at = f"{parts.scheme}://{host}"
    found = re.match(pattern, f"{at}{parts.path}")
    if found is None or re.match(pattern, f"{parts.scheme}://{_ELSEWHERE}{parts.path}"):
        return False
    rest = at[found.end() :]
    return not rest or (found[0].endswith(".") and "." not in rest)
