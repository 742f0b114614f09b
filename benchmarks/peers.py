"""What the day-by-day kernel is compared with: plain numpy, and BoARIO."""

from __future__ import annotations

import tempfile
import time
import warnings

import numpy as np
import pandas as pd
from economies import DAYS, SHOCK, FloatArray, Table

from chainnet.dayvalues import Happenings, Needs, Plants, Rules


def plain(plants: Plants, needs: Needs, rules: Rules, events: Happenings) -> np.ndarray:  # noqa: PLR0915
    """Run the days in numpy, whole arrays at a time; nobody steps in for what is short."""
    firms, groups, supplier = len(plants.product), len(needs.buyer), needs.supplier
    group = np.repeat(np.arange(groups), np.diff(needs.start))
    share = needs.volume[group] * needs.weight / plants.volume[supplier]
    longest, far = int(plants.lead.max()), int(needs.transit.max()) + 1
    line = (np.arange(longest)[:, None] < plants.lead).astype(float)
    ready, extra, goods = np.zeros(firms), np.zeros(firms), plants.finished.copy()
    work, plan = plants.lead.astype(float), np.ones(firms)
    held = plants.held.copy()
    stock, coming = needs.cover.copy(), needs.transit.astype(float)
    moving = (np.arange(far)[:, None] < needs.transit).astype(float)
    output = np.ones((DAYS, firms))
    each, every = np.arange(firms), np.arange(groups)
    first = np.flatnonzero(np.diff(needs.buyer, prepend=-1))
    buys = needs.buyer[first]
    for t in range(DAYS):
        cap = np.where(events.hit >= 0, events.capacity[0, t], 1.0)
        most = cap * (1 + extra)
        using = np.minimum(np.minimum(plan, 1.0), most)[needs.buyer]
        orders = np.maximum(0.0, using + (needs.cover + needs.transit - stock - coming) / rules.refill)
        use = np.minimum(orders, using)
        sold = np.maximum(0.0, 1.0 + (plants.held - held) / rules.refill)
        wanted = plants.outside * np.minimum(sold, 1.0) + np.bincount(supplier, share * use[group], firms)
        refill = plants.outside * np.maximum(sold - 1.0, 0.0)
        refill += np.bincount(supplier, share * (orders - use)[group], firms)
        head = t % plants.lead
        ready += line[head, each]
        line[head, each] = 0.0
        done = np.minimum(ready, most)
        ready -= done
        work -= done
        output[t] = done
        goods += done
        fill = np.where(goods >= wanted, 1.0, goods / wanted)
        left = np.maximum(0.0, goods - wanted)
        more = np.where(left >= refill, 1.0, left / np.maximum(refill, 1e-300))
        goods = np.maximum(0.0, left - refill)
        held += np.minimum(sold, 1.0) * fill + np.maximum(sold - 1.0, 0.0) * more - 1.0
        held = np.maximum(0.0, held)
        part = needs.weight * (use[group] * fill[supplier] + (orders - use)[group] * more[supplier])
        got = np.add.reduceat(part, needs.start[:-1])
        moving[(t + needs.transit) % far, every] = got
        stock += moving[t % far]
        coming += got - moving[t % far]
        moving[t % far] = 0.0
        plan = np.maximum(
            0.0,
            wanted + refill + (plants.finished + plants.lead - 1 - goods - work) / rules.refill,
        )
        begin = np.minimum(plan, most)
        scarce = np.minimum.reduceat(np.where(needs.critical, stock, np.inf), first)
        begin[buys] = np.minimum(begin[buys], scarce)
        asked = np.maximum(begin[needs.buyer], 1e-300)
        short = np.where(needs.critical, 0.0, needs.impact * np.maximum(0.0, 1 - stock / asked))
        begin[buys] *= np.maximum(0.0, 1 - np.add.reduceat(short, first))
        stock = np.maximum(0.0, stock - begin[needs.buyer])
        line[head, each] = begin
        work += begin
        extra += (np.where(plan > cap + 1e-9, plants.slack, 0.0) - extra) / rules.ramp
    return output


def boario(table: Table) -> tuple[float, FloatArray]:
    """Run the days of a table in BoARIO; return the seconds of its loop and output by day and industry.

    BoARIO (doi:10.21105/joss.06547) is under the GPL and no dependency of chainnet. Its settings are
    those that come nearest to the kernel: orders keep their shares among suppliers (``noalt``), and
    output falls when stocks hold less than one day's use (``psi_param``).
    """
    import pymrio
    from boario.event import from_series
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    year = 365
    regions = [f"region {r:05}" for r in range(table.regions)]
    sectors = [f"sector {s:05}" for s in range(table.sectors)]
    names = pd.MultiIndex.from_product([regions, sectors], names=["region", "sector"])
    demand = pd.MultiIndex.from_product([regions, ["final demand"]], names=["region", "category"])
    final = np.repeat(np.eye(table.regions), table.sectors, axis=0) * table.final[:, None]
    system = pymrio.IOSystem(
        Z=pd.DataFrame(table.flows * year, names, names), Y=pd.DataFrame(final * year, names, demand)
    )
    system.calc_all()
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        model = ARIOPsiModel(
            system,
            order_type="noalt",
            alpha_max=1 + table.slack,
            alpha_tau=table.ramp,
            main_inv_dur=table.cover,
            psi_param=1 / table.cover,
            inventory_restoration_tau=table.refill,
            monetary_factor=1,
        )
        run = Simulation(model, n_temporal_units_to_sim=DAYS, boario_output_dir=folder)
        # An event bites on the day after it occurs, and its end takes a day to be seen.
        event = from_series(
            pd.Series(1 - table.left, index=names[: table.sectors]),
            event_type="arbitrary",
            occurrence=SHOCK[0] - 1,
            duration=SHOCK[1] - SHOCK[0] - 2,
            recovery_tau=1,
        )
        run.add_event(event)
        start = time.process_time()
        run.loop()
        return time.process_time() - start, run.production_realised.to_numpy()
