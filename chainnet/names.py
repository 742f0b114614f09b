"""Names in English, Japanese and Korean, and how they are matched.

Two names are the same when they are equal after NFKC normalisation, without invisible
characters, letter case, spaces, punctuation and legal forms (Co., Ltd., 株式会社, 주식회사 …).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from chainnet.errors import UnknownNameError, UsageError

#: Legal forms, already folded by NFKC and letter case. Longer ones first.
_LEGAL_FORMS = (
    r"株式会社|有限会社|合同会社|\(株\)|㈱|주식회사|유한회사|\(주\)|"
    r"股份有限公司|有限公司|"
    r"\b(?:co(?:rporation|rp|mpany)?|inc(?:orporated)?|ltd|limited|plc|llc|kk|k\.k|gmbh|ag|nv|n\.v|sa|s\.a|ab|bv|b\.v|se)\b\.?,?"
)
_LEGAL = re.compile(_LEGAL_FORMS)
_NOT_WORD = re.compile(r"[^\w]+")

#: Names under which people write the countries of this field; pycountry knows the official ones.
_COUNTRY_NAMES: Mapping[str, tuple[str, ...]] = {
    "JPN": ("japan", "日本", "일본"),
    "KOR": ("korea", "south korea", "republic of korea", "韓国", "大韓民国", "한국", "대한민국"),
    "TWN": ("taiwan", "台湾", "臺灣", "대만"),
    "CHN": ("china", "中国", "중국"),
    "USA": ("united states", "us", "america", "米国", "アメリカ", "미국"),
    "NLD": ("netherlands", "オランダ", "네덜란드"),
    "DEU": ("germany", "ドイツ", "독일"),
    "BEL": ("belgium", "ベルギー", "벨기에"),
    "GBR": ("united kingdom", "uk", "britain", "英国", "イギリス", "영국"),
    "FRA": ("france", "フランス", "프랑스"),
    "RUS": ("russia", "ロシア", "러시아"),
    "UKR": ("ukraine", "ウクライナ", "우크라이나"),
    "ISR": ("israel", "イスラエル", "이스라엘"),
    "QAT": ("qatar", "カタール", "카타르"),
    "VNM": ("vietnam", "ベトナム", "베트남"),
    "SGP": ("singapore", "シンガポール", "싱가포르"),
    "MYS": ("malaysia", "マレーシア", "말레이시아"),
    "THA": ("thailand", "タイ", "태국"),
}


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Reduce a name to the form in which names are compared.

    Parameters
    ----------
    text
        A name in any script.

    Returns
    -------
    str
        NFKC, lower case, without invisible characters, legal forms, spaces and punctuation.

    Examples
    --------
    >>> fold("Ｔokyo  Electron Co., Ltd.") == fold("tokyo_electron")
    True
    >>> fold("株式会社レゾナック"), fold("(주)솔브레인")
    ('レゾナック', '솔브레인')
    """
    folded = _fold_once(text)
    # What was taken out may have kept letters, or the parts of a legal form, from joining.
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def _fold_once(text: str) -> str:
    visible = "".join(ch for ch in text if unicodedata.category(ch) not in ("Cf", "Cc", "Cs"))
    folded = unicodedata.normalize("NFKC", visible).casefold()
    without_form = _NOT_WORD.sub("", _LEGAL.sub(" ", folded)).replace("_", "")
    # A name that is nothing but a legal form keeps it.
    return without_form or _NOT_WORD.sub("", folded).replace("_", "")


def mixed_scripts(text: str) -> bool:
    """Tell whether a name mixes Latin letters with Cyrillic or Greek look-alikes.

    Parameters
    ----------
    text
        A name.

    Returns
    -------
    bool
        True for such a mixture; Latin beside kana, kanji or hangul is normal.

    Examples
    --------
    >>> mixed_scripts("Sаmsung"), mixed_scripts("삼성 Samsung")
    (True, False)
    """
    scripts = {unicodedata.name(ch, "").split(" ")[0] for ch in text if ch.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK"})


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """Return every ISO 3166-1 alpha-3 code.

    Returns
    -------
    frozenset of str
        The codes, such as ``JPN``.

    Examples
    --------
    >>> "JPN" in country_codes(), "JAP" in country_codes()
    (True, False)
    """
    import pycountry

    return frozenset(country.alpha_3 for country in pycountry.countries)


@lru_cache(maxsize=1)
def _country_index() -> dict[str, str]:
    import pycountry

    index: dict[str, str] = {}
    for country in pycountry.countries:
        for name in (
            country.alpha_3,
            country.name,
            getattr(country, "common_name", ""),
            getattr(country, "official_name", ""),
        ):
            if name:
                index[fold(name)] = country.alpha_3
    for code, names in _COUNTRY_NAMES.items():
        index |= {fold(name): code for name in names}
    return index


def find_country(text: str) -> str | None:
    """Return the ISO alpha-3 code of a country's name or code, or None.

    Parameters
    ----------
    text
        A code or a name in English, Japanese or Korean.

    Returns
    -------
    str or None
        The code.

    Examples
    --------
    >>> find_country("일본"), find_country("kor"), find_country("Ruritania")
    ('JPN', 'KOR', None)
    """
    return _country_index().get(fold(text))


def resolve_country(text: str, known: Iterable[str]) -> str:
    """Return the code of a country that is among some.

    Parameters
    ----------
    text
        A code or a name in English, Japanese or Korean.
    known
        Codes of the countries that may be meant.

    Returns
    -------
    str
        The code.

    Raises
    ------
    UnknownNameError
        It is no country.
    UsageError
        It is none of these.

    Examples
    --------
    >>> resolve_country("일본", ["JPN", "KOR"])
    'JPN'
    """
    codes = set(known)
    code = find_country(text)
    if code is None:
        names = [name for name, of in _country_index().items() if of in codes]
        raise UnknownNameError(text, [*codes, *names], "country")
    if code not in codes:
        raise UsageError(f"no plant of this graph stands in {code}; use one of {', '.join(sorted(codes))}.")
    return code


@dataclass(frozen=True)
class NameIndex:
    """Every name of a graph's firms and products, folded, with what it stands for."""

    entries: Mapping[str, tuple[tuple[str, str], ...]]
    spellings: tuple[str, ...]

    def find(self, text: str, kinds: Iterable[str] = ("firm", "product")) -> tuple[tuple[str, str], ...]:
        """Return what a name may stand for, as (kind, id) pairs, of the kinds asked for."""
        wanted = frozenset(kinds)
        return tuple(hit for hit in self.entries.get(fold(text), ()) if hit[0] in wanted)

    def resolve(self, text: str, kinds: Iterable[str] = ("firm", "product")) -> tuple[str, str]:
        """Return the one (kind, id) that a name stands for.

        Raises
        ------
        UnknownNameError
            Nothing, or more than one thing, bears the name.
        """
        kinds = tuple(kinds)
        hits = self.find(text, kinds)
        if len(hits) == 1:
            return hits[0]
        what = " or ".join(kinds)
        if hits:
            # An identifier is unambiguous by construction, so this is two names that coincide.
            raise UnknownNameError(text, [name for _, name in hits], f"single {what}")
        raise UnknownNameError(text, self.of(kinds), what)

    def of(self, kinds: Iterable[str]) -> list[str]:
        """Return the spellings that stand for something of these kinds."""
        wanted = frozenset(kinds)
        return [name for name in self.spellings if self.find(name, wanted)]


def build_index(names: Iterable[tuple[str, str, Iterable[str]]]) -> NameIndex:
    """Index names for look-up.

    Parameters
    ----------
    names
        Triples of kind, id, and the names under which it is known (the id itself is added).

    Returns
    -------
    NameIndex
        The index.

    Examples
    --------
    >>> index = build_index([("firm", "tel", ["Tokyo Electron", "東京エレクトロン"])])
    >>> index.resolve("東京エレクトロン株式会社")
    ('firm', 'tel')
    """
    entries: dict[str, tuple[tuple[str, str], ...]] = {}
    spellings: list[str] = []
    identifiers: dict[str, tuple[str, str]] = {}
    for kind, identifier, spelled in names:
        identifiers[fold(identifier)] = (kind, identifier)
        for name in (identifier, *spelled):
            # A name without any letter or digit would be found by every other such text.
            if fold(name):
                spellings.append(name)
                known = entries.get(fold(name), ())
                if (kind, identifier) not in known:
                    entries[fold(name)] = (*known, (kind, identifier))
    # An identifier wins over another's name of the same form.
    entries |= {key: (hit,) for key, hit in identifiers.items()}
    return NameIndex(entries, tuple(spellings))
