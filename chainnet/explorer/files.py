"""What the explorer hands out: the scenario file and the report of a state."""

from __future__ import annotations

from chainnet.errors import UsageError
from chainnet.explorer import answers
from chainnet.explorer.states import State
from chainnet.explorer.words import word
from chainnet.network import SupplyNetwork
from chainnet.reports import report
from chainnet.scenarios.files import scenario_in
from chainnet.scenarios.writing import as_toml


def scenario_file(network: SupplyNetwork, state: State) -> tuple[str, str]:
    """Return the name and the content of the scenario file of a state.

    Parameters
    ----------
    network
        The network of the explorer.
    state
        What is asked.

    Returns
    -------
    name, content : str
        A file that ``chainnet run`` runs to the numbers of the explorer.

    Raises
    ------
    ChainnetError
        Nothing happens, or the shocks cannot stand in one file.

    Examples
    --------
    >>> import chainnet as cn
    >>> name, content = scenario_file(cn.load("japan-korea"), State(shocks=("JPN:photoresist_euv@0+90",)))
    >>> name, "photoresist_euv" in content
    ('what-if.toml', True)
    """
    what = state.scenario(network)
    if what is None:
        raise UsageError(word("nothing_yet", state.lang))
    name, content = f"{what.id or 'what-if'}.toml", as_toml(what)
    # What a file may not say (two controls of one flow at once) is told now, not on the command line.
    scenario_in(content.encode("utf-8"), name, network)
    return name, content


def report_file(network: SupplyNetwork, state: State) -> tuple[str, str]:
    """Return the name and the content of the report on a state.

    Parameters
    ----------
    network
        The network of the explorer.
    state
        What is asked.

    Returns
    -------
    name, content : str
        One HTML file, as :func:`chainnet.report` writes it.
    """
    found = answers.situation(network, state)
    text = report(found.network, focus=state.focus or None, scenario=found.scenario, lang=state.lang)
    return "chainnet-report.html", text
