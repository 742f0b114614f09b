"""Commands that draw charts: heatmap, concentration, sankey, treemap, cutsets, map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, command
from chainnet.commands._pictures import in_language, into, put
from chainnet.commands.completing import nodes

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@command("plot heatmap", "plot heatmap purchases --top 20 --lang ko -o purchases.html")
@click.argument("kind", type=click.Choice(["output", "purchases", "losses"]), default="output")
@click.option("--top", type=click.IntRange(1), default=30, help="How many rows.")
@in_language
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
    from chainnet.figures import heatmap, heatmap_table

    network = _network()
    cells = heatmap_table(network, kind, lang=lang)
    heads = {
        "output": ("product", "country"),
        "purchases": ("input", "buyer"),
        "losses": ("closure", "target"),
    }
    row, column = heads[kind]
    value = "loss" if kind == "losses" else "share"
    columns = {"row_name": row, "column_name": column, "value": value}
    columns |= {"told": "supplier"} if kind == "purchases" else {}
    columns |= {} if kind == "losses" else _NUMBER
    _put(
        output,
        heatmap(cells, kind, top=top, lang=lang),
        (f"title_{kind}", {}),
        [f"note_{kind}", *([] if kind == "losses" else ["statuses"])],
        (cells, columns),
    )


_INDEX = ("hhi", "low", "high")
_NUMBER = {name: name for name in ("low", "high", "status", "year", "source")}


def _network() -> cn.SupplyNetwork:
    request: Request = click.get_current_context().obj
    return request.network


def _put(
    output: str,
    figure: go.Figure,
    title: tuple[str, dict[str, str]],
    notes: list[str],
    table: tuple[pd.DataFrame, dict[str, str]],
) -> None:
    """Write a chart with its words in the language of the figure: columns are shown under their heads."""
    from chainnet.figures import data_line
    from chainnet.figures.charts import readable
    from chainnet.figures.words import say

    lang = figure.layout.meta["lang"]
    data, columns = table
    put(
        output,
        figure,
        title=say(title[0], lang, **title[1]),
        note="\n".join([*(say(key, lang) for key in notes), data_line(_network(), lang)]),
        table=readable(data, {name: say(f"col_{head}", lang) for name, head in columns.items()}, lang),
    )


@command("plot concentration", "plot concentration --by country --top 20 -o places.html")
@click.option("--by", type=click.Choice(["firm", "country"]), default="firm", help="Whose shares.")
@click.option("--top", type=click.IntRange(1), default=30, help="How many products.")
@in_language
@into("concentration")
def concentration(
    *, by: Literal["firm", "country"], top: int, lang: Literal["en", "ko", "ja"], output: str
) -> None:
    """Draw how concentrated the makers of each product are, with bounds, and who is the largest."""
    from chainnet.figures import concentration, concentration_table

    table = concentration_table(_network(), by=by, lang=lang)
    columns = {"name": "product", "hhi": "hhi", "low": "low", "high": "high", "leader_name": "leader"}
    columns |= {name: name for name in ("cr1", "unknown", "status", "year", "source")}
    _put(
        output,
        concentration(table, top=top, lang=lang),
        (f"title_hhi_{by}", {}),
        ["note_hhi", "statuses"],
        (
            table.assign(**{name: table[name].map("{:.2f}".format, "ignore").fillna("–") for name in _INDEX}),
            columns,
        ),
    )


@command("plot sankey samsung", "plot sankey photoresist_arf --by country --lang ja -o resist.html")
@click.argument("name", shell_complete=nodes)
@click.option("--by", type=click.Choice(["firm", "country"]), default="firm", help="Whose flows.")
@click.option("--top", type=click.IntRange(1, 8), default=8, help="How many inputs or buyers.")
@in_language
@into("sankey")
def sankey(
    *, name: str, by: Literal["firm", "country"], top: int, lang: Literal["en", "ko", "ja"], output: str
) -> None:
    """Draw from whom a firm gets its inputs, or who buys a product from whom.

    NAME is a firm or a product. At most 40 flows are drawn; the others are drawn as one.
    """
    from chainnet.figures import flow_table, sankey

    network = _network()
    table = flow_table(network, name, by=by, lang=lang)
    kind, key = network.names.resolve(name)
    columns = {"supplier_name": "supplier", "to_name": "input" if kind == "firm" else "buyer"}
    columns |= {"value": "share", **{name: name for name in ("status", "year", "source")}}
    _put(
        output,
        sankey(table, top=top, lang=lang),
        (f"title_flows_{kind}", {"name": network.label(key, lang)}),
        ["note_flows", "statuses"],
        (table, columns),
    )


@command("plot treemap material", "plot treemap equipment --by firm --lang ko -o tools.html")
@click.argument("stage")
@click.option("--by", type=click.Choice(["firm", "country"]), default="country", help="Who holds it.")
@in_language
@into("treemap")
def treemap(
    *, stage: str, by: Literal["firm", "country"], lang: Literal["en", "ko", "ja"], output: str
) -> None:
    """Draw who holds the world output of the products of a stage.

    STAGE is raw, material, equipment, design, mask, device, packaging or end_use.
    """
    from chainnet.figures import treemap, treemap_table
    from chainnet.figures.words import say

    table = treemap_table(_network(), stage, by=by, lang=lang)
    columns = {"name": "product", "holder_name": "maker" if by == "firm" else "country", "value": "share"}
    _put(
        output,
        treemap(table, lang=lang),
        ("title_treemap", {"stage": say(stage, lang)}),
        ["note_treemap", "statuses"],
        (table, columns | _NUMBER),
    )


@command("plot cutsets sk_hynix:hbm", "plot cutsets KOR:dram --by country -o cuts.html")
@click.argument("target", shell_complete=nodes)
@click.option("--by", type=click.Choice(["plant", "firm", "country"]), default="firm", help="What closes.")
@click.option("--top", type=click.IntRange(1), default=30, help="How many sets.")
@in_language
@into("cutsets")
def cutsets(
    *,
    target: str,
    by: Literal["plant", "firm", "country"],
    top: int,
    lang: Literal["en", "ko", "ja"],
    output: str,
) -> None:
    """Draw who must close together to stop TARGET (plants of one product), singles and pairs."""
    from chainnet.figures import cutset_table, cutsets
    from chainnet.figures.words import country_name

    network = _network()
    table = cutset_table(network, target, by=by, lang=lang)
    name = ": ".join(country_name(network.label(part, lang), lang) for part in target.split(":"))
    _put(
        output,
        cutsets(table, top=top, lang=lang),
        ("title_cuts", {"name": name}),
        ["note_cuts"],
        (table, {"set": "set", "name": "closures", "loss": "loss"}),
    )


@command("plot map photoresist_euv", "plot map samsung --lang ja -o samsung.html")
@click.argument("name", shell_complete=nodes)
@in_language
@into("map")
def world_map(*, name: str, lang: Literal["en", "ko", "ja"], output: str) -> None:
    """Draw on a map where NAME is made, and from which countries it comes.

    NAME is a product, or a firm: where it makes, and from where its inputs come.
    """
    from chainnet.figures import arrow_table, map_table, world_map

    network = _network()
    table = map_table(network, name, lang=lang)
    kind, key = network.names.resolve(name)
    columns = {
        "name": "product",
        "maker": "maker",
        "site": "site",
        "country_name": "country",
        "value": "share",
    }
    _put(
        output,
        world_map(table, arrow_table(network, name, lang=lang), lang=lang),
        (f"title_map_{kind}", {"name": network.label(key, lang)}),
        ["note_map", "statuses", "borders"],
        (table, columns | _NUMBER),
    )
