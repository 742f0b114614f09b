"""How Sphinx builds the manual: `make docs`, without a network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

import generated

from chainnet import __version__

project = "chainnet"
author = "The chainnet developers"
copyright = "The chainnet developers. Text: Apache-2.0; data: CC BY-NC 4.0"  # noqa: A001
version = release = __version__
language = "en"
exclude_patterns = ["_build"]

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_parser"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
# The tables of docs/findings.md begin below level 2 in no place, but a page may be included.
suppress_warnings = ["myst.header"]

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = True
add_module_names = False
toc_object_entries_show_parents = "hide"
# Types of other libraries are named, not linked: their inventories would have to be fetched. Modules
# are told of in docstrings, and have no page.
nitpick_ignore_regex = [("py:.*", r"(?!chainnet).*"), ("py:mod", r"chainnet\..*")]

html_theme = "pydata_sphinx_theme"
html_title = "chainnet"
html_static_path = ["static"]
html_css_files = ["manual.css"]
# These stand alone: a list of their neighbours would be empty.
html_sidebars = {page: [] for page in ("index", "tutorial", "data", "limits")}
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 8,
    "navbar_align": "left",
}


def _fill(_: Sphinx, __: str, content: list[str]) -> None:
    content[0] = generated.filled(content[0])


def setup(app: Sphinx) -> None:
    """Fill the places of a page that are made from the code and the graph."""
    app.connect("source-read", _fill)
