"""Where the graphs that come with chainnet lie."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from chainnet.errors import DataError, Fault


def graphs_folder() -> Path:
    """Return the folder of the bundled graphs, in a wheel, an editable install or a checkout.

    Returns
    -------
    pathlib.Path
        The folder.

    Examples
    --------
    >>> (graphs_folder() / "japan-korea").is_dir()
    True
    """
    # An installed chainnet holds the graphs as package data; a checkout has them beside it.
    for folder in (Path(str(files("chainnet"))) / "graphs", Path(__file__).parents[1] / "graphs"):
        if folder.is_dir():
            return folder
    raise DataError([Fault("no-graphs", "the bundled graphs are missing", remedy="Install chainnet again.")])
