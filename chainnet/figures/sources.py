"""Where the figures of a picture come from: years and sources of makers, in words."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from chainnet.figures.words import Lang, say
from chainnet.makers import Maker
from chainnet.network import SupplyNetwork
from chainnet.tables import records


@lru_cache(maxsize=4)
def plants(network: SupplyNetwork) -> dict[str, dict[str, Any]]:
    """Return the rows of the table of plants by their ids."""
    return {row["plant"]: row for row in records(network.plants)}


@lru_cache(maxsize=4)
def references(network: SupplyNetwork) -> dict[str, dict[str, Any]]:
    """Return the rows of the table of references by their ids."""
    return {row["ref"]: row for row in records(network.references)}


def rows_of(network: SupplyNetwork, makers: Iterable[Maker]) -> list[dict[str, Any]]:
    """Return the rows of the table of plants behind some makers."""
    known = plants(network)
    # A maker that stands in for a member of its family keeps its plant's name before the '@'.
    names = [maker.plant.split("@")[0] for maker in makers]
    return [known[name] for name in names if name in known]


def years(network: SupplyNetwork, makers: Iterable[Maker]) -> list[int]:
    """Return the years of the figures behind some makers, oldest first."""
    return sorted({int(facts["year"]) for facts in rows_of(network, makers) if not math.isnan(facts["year"])})


def cited(network: SupplyNetwork, refs: Iterable[str], lang: Lang = "en") -> list[str]:
    """Return what some references are, in words, each once; unknown ones are left out.

    Parameters
    ----------
    network
        The network.
    refs
        Ids of references.
    lang
        Language of what is said of judgements.

    Returns
    -------
    list of str
        Plain text, shortened.

    Examples
    --------
    >>> import chainnet as cn
    >>> cited(cn.load("japan-korea"), ["judgement", "unheard-of"])
    ['judgement of the authors']
    """
    known = references(network)
    found = [known[ref] for ref in refs if ref in known]
    words = [
        say("judgement", lang)
        if row["url"] == "judgement"
        else textwrap.shorten(row["citation"], 110, placeholder=" …")
        for row in found
    ]
    return list(dict.fromkeys(words))


def data_line(network: SupplyNetwork, lang: Lang = "en") -> str:
    """Return which data a picture shows, and under which licences: the last line of its note.

    Parameters
    ----------
    network
        The network.
    lang
        Language.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> data_line(cn.load("japan-korea")).startswith("Data: graph japan-korea (")
    True
    """
    licences = sorted({row["licence"] for row in records(network.references) if row["licence"]})
    listed = "; ".join(licences) or say("licence_none", lang)
    return say("licence", lang, name=network.name, digest=network.digest[:12], licences=listed)
