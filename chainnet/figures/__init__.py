"""Pictures: Plotly figures from pure functions, and offline pages that hold them."""

from __future__ import annotations

from chainnet.figures.bars import concentration, concentration_table
from chainnet.figures.drawing import draw, layers
from chainnet.figures.dumbbells import compare, moved
from chainnet.figures.exports import image
from chainnet.figures.heatmaps import heatmap, heatmap_table
from chainnet.figures.maps import arrow_table, map_table, world_map
from chainnet.figures.nodelinks import cascade, draw_scene, network
from chainnet.figures.nodetelling import node_table, scene_note, scene_title
from chainnet.figures.pages import Section, page
from chainnet.figures.sankeys import flow_table, sankey
from chainnet.figures.scenes import Scene, scene
from chainnet.figures.sources import data_line
from chainnet.figures.telling import listing, note, title
from chainnet.figures.timelines import timeline, timeline_table
from chainnet.figures.treemaps import treemap, treemap_table
from chainnet.figures.upsets import cutset_table, cutsets
from chainnet.figures.views import View, pick

__all__ = [
    "Scene",
    "Section",
    "View",
    "arrow_table",
    "cascade",
    "compare",
    "concentration",
    "concentration_table",
    "cutset_table",
    "cutsets",
    "data_line",
    "draw",
    "draw_scene",
    "flow_table",
    "heatmap",
    "heatmap_table",
    "image",
    "layers",
    "listing",
    "map_table",
    "moved",
    "network",
    "node_table",
    "note",
    "page",
    "pick",
    "sankey",
    "scene",
    "scene_note",
    "scene_title",
    "timeline",
    "timeline_table",
    "title",
    "treemap",
    "treemap_table",
    "world_map",
]
