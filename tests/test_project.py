"""The project as a whole: one version, clean files, a light import, layers, documented names, the wheel."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: A module imports only modules that stand before it. A folder counts as one module; "" is chainnet itself.
LAYERS = (
    "_version",
    "errors",
    "addresses",
    "fetching",
    "bundled",
    "schema",
    "names",
    "tables",
    "cards",
    "checks",
    "ranges",
    "parallel",
    "levers",
    "network",
    "datasets",
    "overlays",
    "scenarios",
    "makers",
    "ladder",
    "markets",
    "kernels",
    "economy",
    "effects",
    "parameters",
    "cascade",
    "lanes",
    "dayvalues",
    "dayblocks",
    "daykernel",
    "daylanes",
    "dayvolumes",
    "dayarrays",
    "simulation",
    "demands",
    "prices",
    "uncertainties",
    "sensitivities",
    "backtests",
    "linktables",
    "linkservers",
    "linkfiles",
    "linkmeasures",
    "synthetic",
    "risklanes",
    "risknear",
    "riskkernel",
    "riskarrays",
    "riskbounds",
    "assessments",
    "concentrations",
    "dependences",
    "closures",
    "survival",
    "responses",
    "stores",
    "studies",
    "clusters",
    "sweeps",
    "risksweeps",
    "digraphs",
    "graphkernel",
    "graphmeasures",
    "systemic",
    "upstreams",
    "centralities",
    "costshares",
    "costflows",
    "partnerships",
    "costs",
    "objectives",
    "coalitions",
    "comparisons",
    "attributions",
    "portfolios",
    "rewirings",
    "buyings",
    "prospects",
    "matches",
    "answers",
    "exchange",
    "testing",
    "figures",
    "reports",
    "explorer",
    "",
    "commands",
)
#: Who may call upwards, in the body of a method that only passes its arguments on: `network.plot()`.
UPWARD = {("network", "figures")}


def listed_files() -> list[Path]:
    """The files of the project: tracked by git, or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(set(names.split("\0"))) if name and (ROOT / name).is_file()]


# --- one version -------------------------------------------------------------------------------


def test_the_citation_has_the_version_of_the_package():
    package = re.search(r'^__version__ = "(.+)"$', (ROOT / "chainnet/_version.py").read_text(), re.MULTILINE)
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert package
    assert citation
    assert citation[1] == package[1]


# --- clean files -------------------------------------------------------------------------------

# Neither pattern matches its own text here.
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|npmjs\.com|deb\.debian\.org|anaconda\.org"
)
MACHINE_PATHS = re.compile(r"(?<![\w.*~)}\]-])/(?:work|root|home|Users)/\w")


def clues_of_a_machine(text: str) -> list[str]:
    return REGISTRIES.findall(text) + MACHINE_PATHS.findall(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("pip install --index-url https://" + "pypi" + ".org/simple", False),
        ("path = '/" + "work/main'", False),
        ("cd /" + "home/ana/chainnet", False),
        ("https://example.com/work/paper", True),
        ("../home/page", True),
        ("network and homework/root cause", True),
    ],
)
def test_clues_of_a_machine_are_seen(text, clean):
    assert (not clues_of_a_machine(text)) == clean


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine():
    files = listed_files()
    assert ROOT / "pyproject.toml" in files
    found = {
        path.relative_to(ROOT).as_posix(): clues
        for path in files
        if (clues := clues_of_a_machine(path.read_text(encoding="utf-8", errors="ignore")))
    }
    assert found == {}


def test_the_pins_are_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


# --- a light import ----------------------------------------------------------------------------


def test_importing_chainnet_loads_no_heavy_library():
    code = "import sys, chainnet; chainnet.__all__; print(*{name.split('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert "chainnet" in loaded
    assert not {"click", "plotly", "numba", "dask", "distributed", "dash"} & set(loaded)


# --- layers ------------------------------------------------------------------------------------


def imported_modules(source: str, *, at_import: bool = False) -> set[str]:
    """The modules of chainnet that a source imports, at its top or in a function; "" is chainnet itself.

    ``at_import``: those only that are imported when the source itself is, or for its types.
    """
    found = set()
    tree = ast.parse(source)
    late = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if at_import and id(node) in late:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["chainnet"] if node.level else [node.module or ""]
            if names == ["chainnet"]:
                names = [f"chainnet.{alias.name}" for alias in node.names if alias.name in LAYERS] or names
        else:
            continue
        found |= {
            name.partition(".")[2].partition(".")[0] for name in names if name.split(".")[0] == "chainnet"
        }
    return found


def layer_faults(package: Path) -> list[str]:
    faults = []
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).parts[0].removesuffix(".py")
        module = "" if module == "__init__" else module
        if module not in LAYERS:
            faults.append(f"{module} has no place in LAYERS")
            continue
        allowed = {*LAYERS[: LAYERS.index(module)], module}
        source = path.read_text(encoding="utf-8")
        late = imported_modules(source) - imported_modules(source, at_import=True)
        wrong = imported_modules(source) - allowed - {m for m in late if (module, m) in UPWARD}
        faults += [
            f"{module or 'chainnet itself'} imports {other or 'chainnet itself'}" for other in sorted(wrong)
        ]
    return faults


def test_imports_run_one_way():
    assert (ROOT / "chainnet/__init__.py").is_file()
    assert layer_faults(ROOT / "chainnet") == []


@pytest.mark.parametrize(
    ("module", "source", "faults"),
    [
        ("names.py", "from chainnet.errors import ChainnetError", []),
        ("commands/shocks.py", "from chainnet.commands import main\nimport chainnet.figures as f", []),
        ("errors.py", "from chainnet.names import fold", ["errors imports names"]),
        ("schema.py", "def f():\n    import chainnet.network", ["schema imports network"]),
        ("schema.py", "from chainnet import network", ["schema imports network"]),
        ("schema.py", "from . import network", ["schema imports network"]),
        ("commands/__init__.py", "import chainnet", []),
        ("__init__.py", "from chainnet.commands import main", ["chainnet itself imports commands"]),
        ("network.py", "def plot():\n    from chainnet import figures", []),
        ("network.py", "from chainnet import figures", ["network imports figures"]),
        ("network.py", "def plot():\n    from chainnet import reports", ["network imports reports"]),
        ("names.py", "import chainnet", ["names imports chainnet itself"]),
        ("surprise.py", "", ["surprise has no place in LAYERS"]),
    ],
)
def test_an_import_the_wrong_way_is_a_fault(tmp_path, module, source, faults):
    (tmp_path / module).parent.mkdir(exist_ok=True)
    (tmp_path / module).write_text(source)
    assert layer_faults(tmp_path) == faults


# --- public names ------------------------------------------------------------------------------


def section(doc: str, title: str) -> str | None:
    """The body of a section of a numpydoc docstring."""
    found = re.search(
        rf"^{title}\n-{{{len(title)}}}\n(.*?)(?=^\S[^\n]*\n-{{3,}}$|\Z)", doc, re.MULTILINE | re.DOTALL
    )
    return found[1] if found else None


def documented_parameters(body: str) -> set[str]:
    heads = re.findall(r"^(\S[^:\n]*)", body, re.MULTILINE)
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def docstring_faults(name: str, thing: object) -> list[str]:
    doc = inspect.getdoc(thing)
    if not doc:
        return [f"{name} has no docstring"]
    if not inspect.isfunction(thing):
        return []
    parameters = list(inspect.signature(thing).parameters)
    body = section(doc, "Parameters")
    faults = [] if body is not None or not parameters else [f"{name} has no Parameters"]
    if body is not None:
        faults += [
            f"{name} does not tell of {each}"
            for each in parameters
            if each not in documented_parameters(body)
        ]
    if section(doc, "Returns") is None and section(doc, "Yields") is None:
        faults.append(f"{name} has no Returns")
    examples = section(doc, "Examples")
    if examples is None or ">>> " not in examples:
        faults.append(f"{name} has no Examples that run")
    return faults


def test_every_public_name_exists_and_is_documented():
    import chainnet

    assert chainnet.__all__
    assert len(set(chainnet.__all__)) == len(chainnet.__all__)
    missing = [name for name in chainnet.__all__ if not hasattr(chainnet, name)]
    assert missing == []
    things = {name: getattr(chainnet, name) for name in chainnet.__all__ if not name.startswith("__")}
    assert [fault for name, thing in things.items() for fault in docstring_faults(name, thing)] == []


def bare():
    pass


def half(network, *, size):
    """Halve a network.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    int
        Half.
    """


def whole(network, *, low, high):
    """Keep a network.

    Parameters
    ----------
    network : object
        The network: all of it.
    low, high
        Bounds.

    Returns
    -------
    object
        The network.

    Examples
    --------
    >>> whole(1, low=0, high=2)
    """


@pytest.mark.parametrize(
    ("thing", "faults"),
    [
        (bare, ["f has no docstring"]),
        (half, ["f does not tell of size", "f has no Examples that run"]),
        (whole, []),
    ],
)
def test_a_poor_docstring_is_a_fault(thing, faults):
    assert docstring_faults("f", thing) == faults


# --- the wheel ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the project's files, so that nothing is built in the project's own folder."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in listed_files():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout):
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "built"]
    done = subprocess.run(command, cwd=checkout, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (checkout / "built").glob("*.whl")
    return built


def test_the_wheel_holds_the_code_and_the_graphs_and_nothing_else(wheel):
    places = [path.relative_to(ROOT).as_posix() for path in listed_files()]
    wanted = {place for place in places if place.startswith("chainnet/")}
    wanted |= {f"chainnet/{place}" for place in places if place.startswith("graphs/")}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted


def test_the_wheel_loads_its_own_graphs(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import chainnet; print(chainnet.__file__); print(chainnet.load('japan-korea').name)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [str(tmp_path / "chainnet/__init__.py"), "japan-korea"]


def test_a_checkout_runs_from_any_folder(checkout, tmp_path):
    command = [sys.executable, str(checkout / "cli.py"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("Usage:")
    assert done.stderr == ""
