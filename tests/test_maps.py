"""Maps: what stands where, what flows, and that nothing is fetched."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest
from draw import draw
from test_charts import FLOWS
from test_figures import PAYLOADS, browse, hostile, rgb, strings  # noqa: F401, a fixture

import chainnet as cn
from chainnet import UsageError, figures
from chainnet.figures import maps
from chainnet.network import SupplyNetwork
from chainnet.tables import records

BORDERS = Path(maps.__file__).with_name("borders.json")


def placed(network: SupplyNetwork, **places: tuple[float, float]) -> SupplyNetwork:
    """The network with plants of some firms at a latitude and longitude."""
    plants = network.plants
    for firm, (lat, lon) in places.items():
        plants.loc[plants["firm"] == firm, ["lat", "lon"]] = lat, lon
        plants.loc[plants["firm"] == firm, "site"] = f"works of {firm}"
    return network.replace(plants=plants)


# --- the borders -------------------------------------------------------------------------------


def gap(lon: float, lat: float, rings: list[list[int]]) -> float:
    """How far a point lies from a country, in degrees: 0 inside it."""
    inside, nearest = False, math.inf
    for ring in rings:
        points = [(x / 10, y / 10) for x, y in zip(ring[::2], ring[1::2], strict=True)]
        for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
                inside = not inside
            length = (x2 - x1) ** 2 + (y2 - y1) ** 2
            t = (
                0
                if not length
                else max(0, min(1, ((lon - x1) * (x2 - x1) + (lat - y1) * (y2 - y1)) / length))
            )
            nearest = min(nearest, math.hypot(lon - x1 - t * (x2 - x1), lat - y1 - t * (y2 - y1)))
    return 0.0 if inside else nearest


def test_the_borders_are_small_and_tell_their_source_and_licence():
    assert BORDERS.stat().st_size < 200_000
    found = json.loads(BORDERS.read_text(encoding="utf-8"))
    assert "Natural Earth" in found["about"]
    assert found["licence"] == "Public domain"
    for rings in found["rings"].values():
        for ring in rings:
            assert len(ring) >= 8
            assert len(ring) % 2 == 0
            assert all(abs(lon) <= 1800 for lon in ring[::2])
            assert all(abs(lat) <= 900 for lat in ring[1::2])


def test_every_plant_of_the_bundled_graph_stands_in_its_country():
    rings = json.loads(BORDERS.read_text(encoding="utf-8"))["rings"]
    plants = cn.load("japan-korea").plants
    sited = [row for row in records(plants) if not math.isnan(row["lat"])]
    assert len(sited) > 100
    # Coasts are coarse: half a degree is 55 km. Singapore is too small for this map.
    far = {
        row["plant"]: gap(row["lon"], row["lat"], rings[row["country"]])
        for row in sited
        if row["country"] in rings
    }
    assert {plant: off for plant, off in far.items() if off > 0.5} == {}


def test_every_country_of_the_bundled_graph_has_a_point():
    countries = set(cn.load("japan-korea").plants["country"])
    assert [code for code in countries if math.isnan(maps.point(code)[0])] == []


# --- plants ------------------------------------------------------------------------------------

NET = """
    tok@JPN -> resist 0.6
    jsr@JPN -> resist 0.2
    fuj@JPN -> resist 0.05
    dup@USA -> resist 0.1
    kum@KOR -> resist
"""


def test_plants_stand_at_their_places_and_the_others_in_their_country():
    network = placed(draw(NET), tok=(37.4, 140.4))
    table = figures.map_table(network, "resist").set_index("maker")
    assert table.loc["tok", ["lat", "lon", "exact", "site"]].tolist() == [37.4, 140.4, True, "works of tok"]
    assert not table.loc["dup", "exact"]
    assert (table.loc["dup", "lat"], table.loc["dup", "lon"]) == maps.point("USA")
    assert math.isnan(table.loc["kum", "value"])
    figure = figures.world_map(figures.map_table(network, "resist"))
    world = next(trace for trace in figure.data if trace.marker.symbol and trace.xaxis == "x")
    told = dict(zip(world.hovertext, zip(world.marker.symbol, world.marker.size, strict=True), strict=True))
    ring = next(text for text in told if text.startswith("<b>Japan (2)</b>"))
    # The two Japanese makers without a place are one ring, as large as the larger of them.
    assert told[ring] == ("circle", pytest.approx(7 + 27 * math.sqrt(0.2), abs=0.01))
    assert "jsr – resist" in ring
    kum = next(text for text in told if "kum" in text)
    assert told[kum][0] == "square-open"
    assert "share of world output: unknown" in kum
    # East Asia is enlarged beside the world.
    assert {trace.xaxis for trace in figure.data} >= {"x", "x2"}


def test_a_firm_shows_its_sites_and_a_map_without_east_asia_has_one_part():
    network = placed(draw("a@USA -> x 0.5\n a@USA -> y 0.5\n b@DEU -> x 0.2"), a=(33.4, -112.0))
    table = figures.map_table(network, "a")
    assert table["product"].tolist() == ["x", "y"]
    figure = figures.world_map(table)
    assert {trace.xaxis for trace in figure.data} == {"x", None}
    # Longitudes run eastwards from the Atlantic, so that the Pacific is whole.
    (dots,) = [trace for trace in figure.data if trace.marker.symbol and trace.hovertext]
    assert dots.x == (248.0,)


def test_a_figure_split_over_plants_is_assumed_at_each():
    table = figures.map_table(draw("a@JPN/East -> x 0.8 hq\n a@JPN/West -> x\n b@KOR -> x 0.2"), "x")
    assert table[["maker", "value", "low", "high", "status"]].values.tolist() == [
        ["a", 0.4, 0.0, 0.8, "assumed"],
        ["a", 0.4, 0.0, 0.8, "assumed"],
        ["b", 0.2, 0.2, 0.2, "observed"],
    ]


def test_a_country_without_a_place_is_named():
    network = draw("a@JPN -> x 0.5\n b@TUV -> x 0.5")
    figure = figures.world_map(figures.map_table(network, "x"))
    assert figure.layout.annotations[-1].text == "Without a place on this map: TUV."
    with pytest.raises(UsageError, match="no plant has a place"):
        figures.world_map(figures.map_table(draw("b@TUV -> x 0.5"), "x"))


def test_requests_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="nobody makes gas"):
        figures.map_table(draw("a@JPN -> gas rd\n b@JPN -> x 1.0"), "gas")
    with pytest.raises(UsageError, match="a makes nothing"):
        figures.map_table(draw("a@JPN -> x rd\n b@JPN -> x 1.0"), "a")


# --- flows -------------------------------------------------------------------------------------


def test_flows_of_a_product_are_shares_of_what_a_country_takes():
    table = figures.arrow_table(draw(FLOWS), "resist")
    assert table[["source", "target", "value"]].values.tolist() == [
        ["JPN", "KOR", 0.8],
        ["JPN", "USA", 0.6],
        ["USA", "KOR", 0.2],
    ]


def test_flows_into_a_firm_count_its_inputs_alike():
    table = figures.arrow_table(draw(FLOWS), "fab")
    # Of two inputs: resist 0.8 from Japan, 0.2 from the United States; gas 0.5 from France, the rest unknown.
    assert table[["source_name", "value"]].values.tolist() == [
        ["Japan", 0.4],
        ["France", 0.25],
        ["United States", 0.1],
    ]


def test_what_nobody_buys_has_no_flows_and_its_map_no_arrows():
    network = draw(FLOWS)
    arrows = figures.arrow_table(network, "dram")
    assert arrows.empty
    figure = figures.world_map(figures.map_table(network, "dram"), arrows)
    assert not any(trace.mode == "lines+markers" for trace in figure.data)


def test_arrows_end_at_the_buyer_and_there_and_back_are_two_lines():
    there, back = maps._bow((0, 0), (10, 0)), maps._bow((10, 0), (0, 0))
    assert (there[0][0], there[1][0], there[0][-1], there[1][-1]) == (0, 0, 10, 0)
    assert max(there[1]) > 0 > min(back[1])


# --- names, bytes, pixels ----------------------------------------------------------------------


def pictures(network: SupplyNetwork):
    return [
        figures.world_map(figures.map_table(network, name), figures.arrow_table(network, name))
        for name in ("resist", "fab")
    ]


def test_every_name_is_text_nothing_is_fetched_and_the_same_network_gives_the_same_bytes():
    network = placed(hostile(), tok=(36, 139))
    for one, two in zip(pictures(network), pictures(network), strict=True):
        assert one.to_json() == two.to_json()
        found = json.loads(one.to_json())
        assert {trace["type"] for trace in found["data"]} == {"scatter"}
        assert not any(key.startswith(("geo", "map")) for key in found["layout"] if key != "template")
        for text in strings(found["data"]) + [
            note["text"] for note in found["layout"].get("annotations", [])
        ]:
            assert not re.search("[<>]", re.sub(r"</?b>|<br>|%\{hovertext\}<extra></extra>", "", text)), text


@pytest.mark.browser
def test_land_plants_and_arrows_are_drawn_offline_and_names_do_nothing(browse):  # noqa: F811
    net = placed(draw(FLOWS), tok=(36, 139))
    pages = [
        figures.page(pictures(network)[0], title=PAYLOADS[0], note=PAYLOADS[1])
        for network in (net, placed(hostile(), tok=(36, 139)))
    ]
    seen, hurt = (Counter(pixel for row in browse(page) for pixel in row) for page in pages)
    assert seen[rgb("#eef1f4")] > 50_000
    assert seen[rgb("#0072b2")] > 20
    assert sum(n for (red, green, blue), n in seen.items() if red > 150 and green < 180 and blue < 150) > 200
    assert hurt[rgb("#eef1f4")] > 50_000
    assert (255, 0, 255) not in hurt
