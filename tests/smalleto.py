"""A small dataset in the layout of ETO's, made up for tests: one of every oddity that the real one has.

silicon (N1, material) ── wafer step (N2, process, S2) ── packaging step (N3, S3) ── chip (N9, output)
scanner tools (N4): EUV scanners (N5) and laser writers (N6) are types of it
testers (N7): no figures of its own; memory testers (N8) are a type of it
"""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

INPUTS = """input_id,input_name,type,stage_name,stage_id,description,year
N1,Silicon,material_resource,,,"Grown, then sliced. See [a page](https://example.org/x).",2019
N2,Wafer step,process,Fabrication,S2,Makes wafers.,
N3,Packaging step,process,Packaging,S3,Packs chips.,
N4,Scanner tools,tool_resource,,,Draw.,2025
N5,EUV scanners,tool_resource,,,"Draw finely.
On two lines.",2025
N6,Laser writers,tool_resource,,,Draw masks.,2025
N7,Testers,tool_resource,,,Test.,
N8,Memory testers,tool_resource,,,Test memory.,2025
N9,Chip,ultimate_output,,,The end.,
"""
PROVIDERS = """provider_name,alias,provider_id,provider_type,country
JPN,Japan,P1,country,
KOR,South Korea,P2,country,
EUR,Europe,P3,country,EUR
Various countries,,P4,country,
Kumo Works,,P10,organization,JPN
Kumo Works,Kumo Old Name,P10,organization,JPN
Kumo Works,Kumo Older Name,P10,organization,JPN
Haneul Tools,,P11,organization,KOR
Various companies,,P12,organization,Various countries
Baram,Haneul Tools,P13,organization,KOR
"""
PROVISION = """provider_name,provider_id,provided_name,provided_id,share_provided,year,source
Kumo Works,P10,Scanner tools,N4,60.0,2025,An analysis of 2025
Kumo Another Name,P10,EUV scanners,N5,100.0,2025,An analysis of 2025
Haneul Tools,P11,Scanner tools,N4,30.1,2025,An analysis of 2025
Various companies,P12,Scanner tools,N4,10.0,2025,An analysis of 2025
JPN,P1,Scanner tools,N4,62.0,2025,An analysis of 2025
KOR,P2,Scanner tools,N4,38.0,2025,An analysis of 2025
JPN,P1,EUV scanners,N5,100.0,2025,An analysis of 2025
JPN,P1,Silicon,N1,,2019,
KOR,P2,Silicon,N1,,2019,
Kumo Works,P10,Silicon,N1,,2019,
Haneul Tools,P11,Memory testers,N8,80.0,2022,
Various countries,P4,Memory testers,N8,20.0,2022,
JPN,P1,Fabrication,S2,40.0,2022,
KOR,P2,Fabrication,S2,50.0,2022,
EUR,P3,Fabrication,S2,10.0,2022,
KOR,P2,Packaging,S3,70.0,2022,
Haneul Tools,P11,Laser writers,N6,,2025,
"""
SEQUENCE = """input_name,input_id,goes_into_name,goes_into_id,is_type_of_name,is_type_of_id
Silicon,N1,Wafer step,N2,,
Scanner tools,N4,Wafer step,N2,,
Wafer step,N2,Packaging step,N3,,
Testers,N7,Packaging step,N3,,
Packaging step,N3,Chip,N9,,
EUV scanners,N5,,,Scanner tools,N4
Laser writers,N6,,,Scanner tools,N4
Memory testers,N8,,,Testers,N7
"""
STAGES = """stage_id,stage_name
S2,Fabrication
S3,Packaging
"""
FILES = {
    "inputs.csv": INPUTS,
    "providers.csv": PROVIDERS,
    "provision.csv": PROVISION,
    "sequence.csv": SEQUENCE,
    "stages.csv": STAGES,
}


def write_small_eto(folder: Path, **changed: str) -> Path:
    """Write the dataset; ``provision="…"`` replaces the text of a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".csv"), text), encoding="utf-8")
    return folder


def zip_small_eto(path: Path) -> Path:
    """Write the dataset as an archive with a folder in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FILES.items():
            archive.writestr(f"eto/{name}", text)
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))
