"""Maps: where a product, or all that a firm makes, is made, and from where it comes.

Borders are plain lines from a file in the package: Plotly's own maps fetch theirs from the network.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainnet.errors import UsageError
from chainnet.figures.canvas import safe, text_width
from chainnet.figures.charts import beneath, figure_lines, frame, told
from chainnet.figures.holdings import split
from chainnet.figures.looks import ACCENT, GREY, INK, SEEN
from chainnet.figures.sankeys import flow_table
from chainnet.figures.sources import cited, plants, years
from chainnet.figures.words import Lang, country_name, percent, say
from chainnet.makers import Maker
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.tables import records

if TYPE_CHECKING:
    import plotly.graph_objects as go

_COLUMNS = ["plant", "maker", "product", "name", "site", "country", "country_name", "lat", "lon", "exact"]
_COLUMNS += ["value", "low", "high", "status", "year", "source"]
#: West, south, east, north of the world as it is cut, in the Atlantic, and of East Asia.
_WORLD, _EAST = (-30.0, -56.0, 330.0, 78.0), (114.0, 20.0, 149.0, 46.5)
#: How much higher than wide a degree is drawn: right at 36 degrees north.
_STRETCH = 1 / math.cos(math.radians(36))
_HIGH = 400
#: The least flow drawn; how many are drawn; how many names a map bears.
_LEAST, _ARROWS, _NAMES = 0.1, 20, 14
_NAN = float("nan")


@lru_cache(maxsize=1)
def _borders() -> dict[str, Any]:
    text = files("chainnet.figures").joinpath("borders.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def point(country: str) -> tuple[float, float]:
    """Return the latitude and longitude of the middle of a country; NaN where the map has none.

    Parameters
    ----------
    country
        ISO 3166 alpha-3.

    Returns
    -------
    lat, lon : float
        Degrees.

    Examples
    --------
    >>> point("JPN"), point("XXX")
    ((36.0, 136.9), (nan, nan))
    """
    lon, lat = _borders()["points"].get(country, (_NAN, _NAN))
    return lat / 10, lon / 10


def map_table(network: SupplyNetwork, name: str, *, lang: Lang = "en") -> pd.DataFrame:
    """Return the plants that make a product, or all plants of a firm, with their places.

    Parameters
    ----------
    network
        The network.
    name
        A product (of a family: its members), or a firm, in any language.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        One row a plant: ``plant, maker, product, name`` (of the product), ``site, country`` and its
        name, ``lat, lon`` in degrees, ``exact`` (False: only the country is known, and the place is
        its middle), ``value``: share of the product's world output (NaN: unknown) with ``low, high,
        status, year, source``.

    Raises
    ------
    UnknownNameError
        No firm or product bears that name.
    UsageError
        Nobody makes it, or the firm makes nothing.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.map_table(cn.load("japan-korea"), "euv_scanner")
    >>> table[["site", "lat", "lon", "value"]].values.tolist()
    [['Veldhoven', 51.4, 5.42, 1.0]]
    """
    kind, key = network.names.resolve(name)
    products = (
        network.families.get(key) or (key,) if kind == "product" else tuple(network.products["product"])
    )
    makers = [
        maker
        for product in products
        if kind == "product" or not network.families.get(product)
        for maker in markets(network).market(product).makers
        if kind == "product" or maker.firm == key
    ]
    if not makers:
        raise UsageError(
            f"nobody makes {key}." if kind == "product" else f"{key} makes nothing in this graph."
        )
    return pd.DataFrame([_row(network, maker, lang) for maker in makers], columns=_COLUMNS)


def _row(network: SupplyNetwork, maker: Maker, lang: Lang) -> dict[str, Any]:
    facts = plants(network).get(maker.plant.split("@")[0], {})
    lat, lon = facts.get("lat", _NAN), facts.get("lon", _NAN)
    exact = not math.isnan(lat)
    country = country_name(maker.country, lang)
    known = maker.share > SEEN and maker.step != "equal split"
    return {
        "plant": maker.plant,
        "maker": network.label(maker.firm, lang) if maker.firm else f"{say('others', lang)}, {country}",
        "product": maker.product,
        "name": network.label(maker.product, lang),
        "site": facts.get("site", ""),
        "country": maker.country,
        "country_name": country,
        "lat": lat if exact else point(maker.country)[0],
        "lon": lon if exact else point(maker.country)[1],
        "exact": exact,
        "value": maker.share if known else _NAN,
        "low": maker.low,
        "high": maker.high,
        "status": "assumed" if split(maker) else maker.status,
        "year": ", ".join(map(str, years(network, [maker])[-1:])),
        "source": "; ".join(cited(network, maker.ref.split(";"), lang)),
    }


def arrow_table(network: SupplyNetwork, name: str, *, lang: Lang = "en") -> pd.DataFrame:
    """Return the flows between countries of a product, or into a firm, as a map shows them.

    Parameters
    ----------
    network
        The network.
    name
        A product: who buys it where; or a firm: from where its inputs come, each counted alike.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        ``source, target`` (countries) and their names, ``value``: share of what the target takes;
        the largest first, without what stays in its country or is less than a tenth. Empty where nothing
        is bought.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = arrow_table(cn.load("japan-korea"), "euv_scanner")
    >>> table.loc[table["target"] == "KOR", ["source", "value"]].values.tolist()
    [['NLD', 1.0]]
    """
    kind, key = network.names.resolve(name)
    try:
        flows = flow_table(network, name, by="country", lang=lang)
    except UsageError:
        return pd.DataFrame(columns=["source", "source_name", "target", "target_name", "value"])
    flows = flows.assign(target=network.home[key] if kind == "firm" else flows["to"])
    wholes = flows.groupby("target")["value"].sum()
    summed = (
        flows.groupby(["supplier", "target"])["value"].sum().rename_axis(["source", "target"]).reset_index()
    )
    summed["value"] /= wholes.loc[summed["target"]].to_numpy()
    kept = summed[
        (summed["source"] != "") & (summed["source"] != summed["target"]) & (summed["value"] >= _LEAST - SEEN)
    ]
    kept = kept.assign(value=kept["value"].round(9)).sort_values(
        ["value", "source", "target"], ascending=[False, True, True], ignore_index=True
    )
    names = {f"{end}_name": [country_name(code, lang) for code in kept[end]] for end in ("source", "target")}
    return pd.DataFrame({**kept, **names})


def world_map(table: pd.DataFrame, arrows: pd.DataFrame | None = None, *, lang: Lang = "en") -> go.Figure:
    """Draw plants on a map of the world, with East Asia enlarged beside it where plants stand there.

    Parameters
    ----------
    table
        What :func:`map_table` returned.
    arrows
        What :func:`arrow_table` returned; at most 20 are drawn.
    lang
        Language.

    Returns
    -------
    plotly.graph_objects.Figure
        Discs by share of world output; rings where only the country is known; squares where the share
        is unknown. Borders are plain lines, so that nothing is fetched.

    Raises
    ------
    UsageError
        No plant has a place on the map.

    Examples
    --------
    >>> import chainnet as cn
    >>> figure = cn.figures.world_map(cn.figures.map_table(cn.load("japan-korea"), "euv_scanner"))
    >>> {trace.type for trace in figure.data}
    {'scatter'}
    """
    import plotly.graph_objects as go

    spots = _spots(table, lang)
    if not spots:
        raise UsageError("nothing to draw: no plant has a place on the map.")
    boxes = [_WORLD, _EAST] if any(_inside(spot, _EAST) for spot in spots) else [_WORLD]
    figure = go.Figure()
    drawn = [] if arrows is None else records(arrows.head(_ARROWS))
    for number, box in enumerate(boxes, 1):
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        for trace in [*_land(box), *_flows(drawn, box, lang), *_dots(spots, box)]:
            figure.add_trace(trace.update(**axes))
        # What stands in the part that is enlarged bears its names there.
        bare = [
            spot for spot in spots if _inside(spot, box) and not any(_inside(spot, b) for b in boxes[number:])
        ]
        for note in _labels(bare, [spot for spot in spots if _inside(spot, box)], box):
            figure.add_annotation(**note, xref=f"x{number}", yref=f"y{number}")
    for trace in _keys(spots, lang):
        figure.add_trace(trace)
    wide = [_wide(box) for box in boxes]
    total = sum(wide) + 24 * (len(wide) - 1)
    frame(
        figure,
        (total + 20, _HIGH + 70),
        lang,
        margin={"l": 10, "r": 10, "t": 10, "b": 60},
        legend={"orientation": "h", "x": 0, "y": -10 / _HIGH, "yanchor": "top", "itemclick": False},
    )
    lost = table.loc[table["lat"].isna(), "country_name"].drop_duplicates()
    if len(lost):
        figure.add_annotation(**beneath(say("no_place", lang, names=", ".join(lost)), shift=-34))
    start = 0.0
    for number, (box, width) in enumerate(zip(boxes, wide, strict=True), 1):
        end = start + width / total
        look = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "mirror": True}
        look |= {"showline": True, "linecolor": "#cfd5db", "fixedrange": True}
        figure.update_layout(
            {
                f"xaxis{number}": {"range": [box[0], box[2]], "domain": [start, min(end, 1.0)], **look},
                f"yaxis{number}": {"range": [box[1], box[3]], "anchor": f"x{number}", **look},
            }
        )
        start = end + 24 / total
    return figure


def _wide(box: Sequence[float]) -> float:
    """Return the width in pixels of a part of the world that is as high as the map."""
    return _HIGH * (box[2] - box[0]) / ((box[3] - box[1]) * _STRETCH)


def _east(lon: float) -> float:
    """Return a longitude counted eastwards from where the world is cut."""
    return lon + 360 if lon < _WORLD[0] else lon


def _inside(spot: dict[str, Any], box: Sequence[float]) -> bool:
    return bool(box[0] <= spot["x"] <= box[2] and box[1] <= spot["y"] <= box[3])


def _spots(table: pd.DataFrame, lang: Lang) -> list[dict[str, Any]]:
    """Return what stands at each place: plants of one maker at a site, or all of a country without one."""
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in records(table):
        if not math.isnan(row["lat"]):
            place = (row["lat"], row["lon"], row["maker"]) if row["exact"] else (row["country"],)
            together[place].append(row)
    # The name of a firm that is alone on the map says nothing: its sites do.
    alone = len(set(table["maker"])) == 1 and len(together) > 1
    spots = []
    for own in together.values():
        shares = [row["value"] for row in own if not math.isnan(row["value"])]
        several = len(own) > 1
        names = list(dict.fromkeys(row["maker"] for row in own))
        lines = [own[0]["site"] if own[0]["exact"] else say("place_country", lang), own[0]["country_name"]]
        for row in own[:12]:
            head = f"{row['maker']} – {row['name']}"
            lines += [head] if several else []
            lines += figure_lines(row if not several else {**row, "source": ""}, say("share_of", lang), lang)
        lines += [f"… {say('more', lang, n=len(own) - 12)}"] if len(own) > 12 else []
        label = names[0] if len(names) == 1 else f"{own[0]['country_name']} ({len(names)})"
        if alone:
            label = own[0]["site"] if own[0]["exact"] and own[0]["site"] else own[0]["country_name"]
        spots.append(
            {
                "x": _east(own[0]["lon"]),
                "y": own[0]["lat"],
                "exact": own[0]["exact"],
                "share": max(shares, default=_NAN),
                "label": label,
                "told": told([label if several else f"{label} – {own[0]['name']}", *lines]),
            }
        )
    return sorted(spots, key=lambda spot: (-_weight(spot), spot["label"], spot["x"]))


def _weight(spot: dict[str, Any]) -> float:
    return -1.0 if math.isnan(spot["share"]) else float(spot["share"])


def _size(spot: dict[str, Any]) -> float:
    return 8.0 if math.isnan(spot["share"]) else 7 + 27 * math.sqrt(spot["share"])


def _land(box: Sequence[float]) -> list[Any]:
    import plotly.graph_objects as go

    xs: list[float | None] = []
    ys: list[float | None] = []
    for rings in _borders()["rings"].values():
        for ring in rings:
            lons, lats = [lon / 10 for lon in ring[::2]], [lat / 10 for lat in ring[1::2]]
            for shift in (0, 360):
                # Land at the cut is drawn at both ends; the frame hides what is too much.
                if max(lons) + shift > box[0] and min(lons) + shift < box[2]:
                    xs += [*(round(lon + shift, 1) for lon in lons), None]
                    ys += [*lats, None]
    return [
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines",
            fill="toself",
            fillcolor="#eef1f4",
            line={"color": "#b3bcc5", "width": 0.7},
            hoverinfo="skip",
            showlegend=False,
        )
    ]


def _flows(arrows: Iterable[dict[str, Any]], box: Sequence[float], lang: Lang) -> list[Any]:
    import plotly.graph_objects as go

    traces = []
    for arrow in arrows:
        (lat, lon), (to_lat, to_lon) = point(arrow["source"]), point(arrow["target"])
        if math.isnan(lat) or math.isnan(to_lat):
            continue
        xs, ys = _bow((_east(lon), lat), (_east(to_lon), to_lat))
        ends = ((xs[0], ys[0]), (xs[-1], ys[-1]))
        if box is not _WORLD and not all(_inside({"x": x, "y": y}, box) for x, y in ends):
            continue
        lines = [
            f"{arrow['source_name']} → {arrow['target_name']}",
            f"{say('share_of_purchases', lang)}: {percent(arrow['value'])}",
        ]
        traces.append(
            go.Scatter(
                x=xs,
                y=ys,
                mode="lines+markers",
                line={"color": "rgba(184,70,10,0.55)", "width": round(0.8 + 4 * arrow["value"], 2)},
                marker={
                    "symbol": "arrow",
                    "angleref": "previous",
                    "size": [0] * (len(xs) - 1) + [12],
                    "color": "#b8460a",
                },
                hovertext=told(lines),
                hovertemplate="%{hovertext}<extra></extra>",
                showlegend=False,
            )
        )
    return traces


def _bow(start: tuple[float, float], end: tuple[float, float]) -> tuple[list[float], list[float]]:
    """Return a curve between two points that bows to its left, so that there and back are two lines."""
    (x, y), (to_x, to_y) = start, end
    middle = ((x + to_x) / 2 - 0.18 * (to_y - y), (y + to_y) / 2 + 0.18 * (to_x - x))
    steps = [k / 16 for k in range(17)]
    return (
        [round((1 - t) ** 2 * x + 2 * t * (1 - t) * middle[0] + t * t * to_x, 3) for t in steps],
        [round((1 - t) ** 2 * y + 2 * t * (1 - t) * middle[1] + t * t * to_y, 3) for t in steps],
    )


def _look(spot: dict[str, Any]) -> tuple[str, str, str]:
    """Return the symbol of a spot, its fill and its edge."""
    if math.isnan(spot["share"]):
        return "square" if spot["exact"] else "square-open", GREY, GREY
    return "circle", ("rgba(0,114,178,0.75)" if spot["exact"] else "rgba(255,255,255,0.6)"), ACCENT


def _dots(spots: Iterable[dict[str, Any]], box: Sequence[float]) -> list[Any]:
    import plotly.graph_objects as go

    own = [spot for spot in spots if _inside(spot, box)]
    looks = [_look(spot) for spot in own]
    return [
        go.Scatter(
            x=[spot["x"] for spot in own],
            y=[spot["y"] for spot in own],
            mode="markers",
            marker={
                "symbol": [symbol for symbol, _, _ in looks],
                "size": [round(_size(spot), 2) for spot in own],
                "color": [fill for _, fill, _ in looks],
                "line": {"color": [edge for _, _, edge in looks], "width": 1.6},
                "opacity": 1,
            },
            hovertext=[spot["told"] for spot in own],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
    ]


def _labels(
    named: Sequence[dict[str, Any]], spots: Sequence[dict[str, Any]], box: Sequence[float]
) -> list[dict[str, Any]]:
    """Return names for the largest spots, right or left of them, where they lie on nothing else."""
    scale = _wide(box) / (box[2] - box[0])

    def place(spot: dict[str, Any]) -> tuple[float, float, float]:
        return (spot["x"] - box[0]) * scale, (spot["y"] - box[1]) * scale * _STRETCH, _size(spot) / 2

    taken = [(x - half, x + half, y, half) for x, y, half in map(place, spots)]
    notes: list[dict[str, Any]] = []
    for spot in named:
        x, y, half = place(spot)
        width = text_width(spot["label"], 11)
        for side, left in (("left", x + half + 2), ("right", x - half - 2 - width)):
            free = all(
                abs(y - other) > 7 + tall or left > end or left + width < start
                for start, end, other, tall in taken
                if not (start < x < end and abs(y - other) < 1)
            )
            if free and left > 0 and left + width < _wide(box) and len(notes) < _NAMES:
                taken.append((left, left + width, y, 7))
                notes.append(
                    {
                        "x": spot["x"],
                        "y": spot["y"],
                        "text": safe(spot["label"]),
                        "xanchor": side,
                        "xshift": round(half if side == "left" else -half, 1),
                        "showarrow": False,
                        "font": {"size": 11, "color": INK},
                    }
                )
                break
    return notes


def _keys(spots: Sequence[dict[str, Any]], lang: Lang) -> list[Any]:
    import plotly.graph_objects as go

    one = {"exact": True, "share": 0.1}
    keys = [("place_known", one), ("place_country", {**one, "exact": False})]
    keys += [("share_unknown", {**one, "share": _NAN})] if any(math.isnan(s["share"]) for s in spots) else []
    traces = []
    for key, like in keys:
        symbol, fill, edge = _look(like)
        marker = {"symbol": symbol, "size": 13, "color": fill, "line": {"color": edge, "width": 1.6}}
        traces.append(
            go.Scatter(x=[None], y=[None], mode="markers", name=safe(say(key, lang)), marker=marker)
        )
    return traces
