"""Countries as trade statistics write them: numbers of the UN and of Japan's customs, names, codes.

The UN's numbers of trade differ from ISO 3166 where a customs area differs from a country, or did
once: by ISO's alone the United States, France, Italy, Switzerland and Taiwan would vanish.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from chainnet.names import country_codes, find_country, fold

#: Numbers of Comtrade and BACI that are not ISO's. 490 is "Other Asia, nes": in practice Taiwan.
_UN: Mapping[int, str] = {
    251: "FRA",
    280: "DEU",
    381: "ITA",
    490: "TWN",
    579: "NOR",
    699: "IND",
    757: "CHE",
    841: "USA",
    842: "USA",
}
#: Japan's customs (Code List of Countries): those that matter for chips; others are reported.
_JAPAN: Mapping[str, str] = {
    "103": "KOR",
    "105": "CHN",
    "106": "TWN",
    "108": "HKG",
    "110": "VNM",
    "111": "THA",
    "112": "SGP",
    "113": "MYS",
    "117": "PHL",
    "118": "IDN",
    "123": "IND",
    "140": "QAT",
    "141": "OMN",
    "143": "ISR",
    "147": "ARE",
    "202": "NOR",
    "203": "SWE",
    "204": "DNK",
    "205": "GBR",
    "206": "IRL",
    "207": "NLD",
    "208": "BEL",
    "210": "FRA",
    "213": "DEU",
    "215": "CHE",
    "218": "ESP",
    "220": "ITA",
    "222": "FIN",
    "224": "RUS",
    "225": "AUT",
    "238": "UKR",
    "302": "CAN",
    "304": "USA",
    "305": "MEX",
    "601": "AUS",
}
_NAMES: Mapping[str, str] = {
    "Other Asia, nes": "TWN",
    "Other Asia, not elsewhere specified": "TWN",
    "S19": "TWN",
    "Rep. of Korea": "KOR",
    "Dem. People's Rep. of Korea": "PRK",
    "China, Hong Kong SAR": "HKG",
    "China, Macao SAR": "MAC",
    "Chinese Taipei": "TWN",
    "USA": "USA",
    "미합중국": "USA",
    "중화인민공화국": "CHN",
    "홍콩": "HKG",
    "인도": "IND",
    "인도네시아": "IDN",
    "필리핀": "PHL",
    "캐나다": "CAN",
    "호주": "AUS",
    "스위스": "CHE",
    "이탈리아": "ITA",
    "스페인": "ESP",
    "오스트리아": "AUT",
    "아랍에미리트 연합": "ARE",
    "香港": "HKG",
    "アメリカ合衆国": "USA",
    "中華人民共和国": "CHN",
    "スイス": "CHE",
    "イタリア": "ITA",
    "インド": "IND",
}
_WORLD = frozenset({"0", "W00", "world", "총계", "합계", "-", "世界", "全世界", "計"})


@lru_cache(maxsize=1)
def _numbers() -> dict[int, str]:
    import pycountry

    return {int(country.numeric): country.alpha_3 for country in pycountry.countries} | dict(_UN)


@lru_cache(maxsize=1)
def _spelled() -> dict[str, str]:
    import pycountry

    two = {country.alpha_2: country.alpha_3 for country in pycountry.countries}
    return two | {fold(name): code for name, code in _NAMES.items()}


def is_world(text: str) -> bool:
    """Tell whether a partner stands for all countries together.

    Parameters
    ----------
    text
        A code or name.

    Returns
    -------
    bool
        True for the total.

    Examples
    --------
    >>> is_world("World"), is_world("총계"), is_world("JPN")
    (True, True, False)
    """
    return text in _WORLD or text.casefold() in _WORLD


@lru_cache(maxsize=4096)
def place(text: str, *, japan: bool = False) -> str:
    """Return the ISO alpha-3 code of a country as trade statistics write it; empty where it is none.

    Parameters
    ----------
    text
        A number, a code of two or three letters, or a name in English, Korean or Japanese.
    japan
        Whether numbers are those of Japan's customs.

    Returns
    -------
    str
        The code; empty for regions, areas "not elsewhere specified" and what is unknown.

    Examples
    --------
    >>> place("842"), place("490"), place("381"), place("EUR"), place("103", japan=True), place("일본")
    ('USA', 'TWN', 'ITA', '', 'KOR', 'JPN')
    """
    if text.isascii() and text.isdigit():
        return _JAPAN.get(text, "") if japan else _numbers().get(int(text[:6]), "")
    if text in country_codes():
        return text
    return _spelled().get(text) or _spelled().get(fold(text)) or find_country(text) or ""
