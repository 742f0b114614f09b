"""Commands that draw charts: heatmap."""

from __future__ import annotations

from typing import Literal

import click

from chainnet.commands._output import Request, command
from chainnet.commands._pictures import into, put

_LANG = click.option(
    "--lang", type=click.Choice(["en", "ko", "ja"]), default="en", help="Language of the picture."
)


@command("plot heatmap", "plot heatmap purchases --top 20 --lang ko -o purchases.html")
@click.argument("kind", type=click.Choice(["output", "purchases", "losses"]), default="output")
@click.option("--top", type=click.IntRange(1), default=30, help="How many rows.")
@_LANG
@into("heatmap")
def heatmap(
    *,
    kind: Literal["output", "purchases", "losses"],
    top: int,
    lang: Literal["en", "ko", "ja"],
    output: str,
) -> None:
    """Draw a heatmap, dark for much.

    output: where each product is made, by country; purchases: how much of each input a buyer takes
    from its largest supplier; losses: what each maker of a device loses when a firm closes.
    """
    from chainnet import figures
    from chainnet.figures.charts import readable
    from chainnet.figures.words import say

    request: Request = click.get_current_context().obj
    cells = figures.heatmap_table(request.network, kind, lang=lang)
    heads = {
        "output": ("product", "country"),
        "purchases": ("input", "buyer"),
        "losses": ("closure", "target"),
    }
    row, column = heads[kind]
    value = {"output": "col_share", "purchases": "col_share", "losses": "col_loss"}[kind]
    columns = {"row_name": f"col_{row}", "column_name": f"col_{column}", "value": value}
    if kind == "purchases":
        columns["told"] = "col_supplier"
    if kind != "losses":
        columns |= {name: f"col_{name}" for name in ("low", "high", "status", "year", "source")}
    put(
        output,
        figures.heatmap(cells, kind, top=top, lang=lang),
        title=say(f"title_{kind}", lang),
        note="\n".join(
            [
                say(f"note_{kind}", lang),
                *([] if kind == "losses" else [say("statuses", lang)]),
                figures.data_line(request.network, lang),
            ]
        ),
        table=readable(cells, {name: say(key, lang) for name, key in columns.items()}, lang),
    )
