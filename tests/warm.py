"""Compile the models once, into numba's cache: processes of tests that begin together would each do it."""

from __future__ import annotations

from test_risksweeps import economy, risk
from toy import toy

import chainnet as cn

if __name__ == "__main__":
    network = toy()
    cn.simulate(network, "tok@0+9")
    cn.sweep(network, [cn.Scenario.parse(f"tok={left}@0+9") for left in (0.2, 0.4)], days=9)
    risk(economy())
    cn.centrality(network)
