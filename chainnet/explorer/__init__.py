"""The explorer: choose a shock and partnerships in the browser, and see what stops, when."""

from __future__ import annotations

from chainnet.explorer.apps import app
from chainnet.explorer.serving import serve
from chainnet.explorer.states import State, read_query

__all__ = ["State", "app", "read_query", "serve"]
