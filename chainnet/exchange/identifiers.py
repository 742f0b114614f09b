"""Identifiers for what comes without any: short, lower-case, and no two alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from chainnet.names import country_codes
from chainnet.schema import ID_PATTERN


def slug(text: str) -> str:
    """Return a name as an identifier: ASCII letters and digits, words joined by ``_``.

    Parameters
    ----------
    text
        A name.

    Returns
    -------
    str
        At most 48 letters; empty where nothing of the name is ASCII.

    Examples
    --------
    >>> slug("ArF immersion (DUV) tools"), slug("삼성")
    ('arf_immersion_duv_tools', '')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:48].strip("_")


def identifiers(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return an identifier for each key: the key itself where it is one, else its name's slug.

    Parameters
    ----------
    named
        Pairs of key and name; a key that comes again is passed over.

    Returns
    -------
    dict
        Identifiers by key.

    Examples
    --------
    >>> identifiers([("P1", "Wet etch"), ("P2", "Wet Etch"), ("tel", "Tokyo Electron"), ("七", "七")])
    {'P1': 'wet_etch', 'P2': 'wet_etch_p2', 'tel': 'tel', '七': 'node_4'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, (key, name) in enumerate(named, start=1):
        if key in found:
            continue
        own = key if re.fullmatch(ID_PATTERN, key) else slug(name)
        if not own or own in taken or own.upper() in country_codes():
            own = f"{own}_{slug(key)[:10]}".strip("_")
        if not own or own in taken:
            own = f"node_{number}"
        while own in taken:
            own = f"{own}_"
        taken.add(own)
        found[key] = own
    return found
