"""The command that tells how to cite: cite."""

from __future__ import annotations

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints

_SOFTWARE = (
    "The chainnet developers. chainnet: dependence, disruption and partnerships in the semiconductor supply"
    " chain, version {version} [software]."
)
_GRAPH = "The chainnet developers. Graph {name}, {digest} [data]."


@command("cite", "cite --format csv -o sources.csv")
@prints(top=12)
def cite(request: Request) -> Sheet:
    """Tell how to cite chainnet, the graph, and every source of its numbers.

    The graph is told by its digest: whoever has the same digest has the same numbers. Sources stand in
    the order of how many rows rest on them.
    """
    import pandas as pd

    network = request.network
    uses = _uses(network)
    rows = [
        ("software", _SOFTWARE.format(version=cn.__version__), "Apache-2.0", "", 0),
        ("graph", _GRAPH.format(name=network.name, digest=network.digest[:12]), "", "", 0),
    ]
    table = network.references
    order = table.assign(uses=table["ref"].map(uses).fillna(0).astype(int), at=range(len(table)))
    order = order[order["uses"] > 0].sort_values(["uses", "at"], ascending=[False, True], kind="stable")
    columns = ["citation", "licence", "url", "uses"]
    rows += [("source", *row) for row in order[columns].itertuples(index=False, name=None)]
    note = f"{len(order)} sources; `chainnet cite --top 0` shows all."
    return Sheet(pd.DataFrame(rows, columns=["what", *columns]), notes=[note])


def _uses(network: cn.SupplyNetwork) -> dict[str, int]:
    """Count the rows of all tables that rest on each reference."""
    from collections import Counter

    from chainnet.schema import TABLES

    found: Counter[str] = Counter()
    for name in TABLES:
        table = network.table(name)
        if name != "references" and "ref" in table.columns:
            found.update(ref for cell in table["ref"] for ref in cell.split(";") if ref)
    return dict(found)
