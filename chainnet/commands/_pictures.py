"""The one place that writes pictures: a page, or an image by the file's ending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from chainnet.commands._output import save
from chainnet.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from chainnet.figures.exports import Image

#: In which language a picture speaks.
in_language = click.option(
    "--lang", type=click.Choice(["en", "ko", "ja"]), default="en", help="Language of the picture."
)
_PAGES = ("", ".htm", ".html")
_IMAGES = (".png", ".svg", ".pdf")


def into(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command ``-o``: where the picture goes, ``chainnet-NAME.html`` if nothing is said."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        default=f"chainnet-{name}.html",
        callback=_check_ending,
        help="HTML file; or .png, .svg, .pdf (needs chainnet[export]).",
    )


def _check_ending(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if Path(value).suffix.lower() not in (*_PAGES, *_IMAGES):
        raise UsageError(f"cannot write a picture to {value!r}; end its name in .html, .png, .svg or .pdf.")
    return value


def put(output: str, figure: go.Figure, *, title: str, note: str, table: pd.DataFrame) -> None:
    """Write a figure to a file: a page with its table, or an image without.

    Parameters
    ----------
    output
        The file; its ending says what it becomes.
    figure
        The figure.
    title, note, table
        As for :func:`chainnet.figures.page`.
    """
    from chainnet import figures

    ending = Path(output).suffix.lower()
    if ending in _PAGES:
        save(Path(output), figures.page(figure, title=title, note=note, table=table))
    else:
        kind = cast("Image", ending.removeprefix("."))
        save(Path(output), figures.image(figure, kind, title=title, note=note))
