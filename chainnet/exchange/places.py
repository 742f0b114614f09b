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
#: Japan's customs, as its statistics name them (Code lists, Trade Statistics of Japan,
#: https://www.customs.go.jp/toukei/sankou/code/code_e.htm; the list as copied in liapunov/JapanTrade,
#: src/japantrade/Countries.csv; 103 to 127 also at
#: https://www.kanzei.or.jp/english/statistics/country_code_stat.htm). The Azores are Portugal's; Ceuta,
#: Melilla and the Canary Islands Spain's. What is no single country of ISO's is not here, and is reported:
#: 248 Kosovo, 326 Netherlands Antilles, 327 French West Indies, 415 British Antarctic Territory, 605 other
#: Australian territories, 701 for order, 702 unknown, 703 bonded areas.
_JAPAN_LIST = """
103 KOR  104 PRK  105 CHN  106 TWN  107 MNG  108 HKG  110 VNM  111 THA  112 SGP  113 MYS  116 BRN
117 PHL  118 IDN  120 KHM  121 LAO  122 MMR  123 IND  124 PAK  125 LKA  126 MDV  127 BGD  128 TLS
129 MAC  130 AFG  131 NPL  132 BTN  133 IRN  134 IRQ  135 BHR  137 SAU  138 KWT  140 QAT  141 OMN
143 ISR  144 JOR  145 SYR  146 LBN  147 ARE  149 YEM  150 AZE  151 ARM  152 UZB  153 KAZ  154 KGZ
155 TJK  156 TKM  157 GEO  158 PSE
201 ISL  202 NOR  203 SWE  204 DNK  205 GBR  206 IRL  207 NLD  208 BEL  209 LUX  210 FRA  211 MCO
212 AND  213 DEU  215 CHE  216 PRT  217 PRT  218 ESP  219 GIB  220 ITA  221 MLT  222 FIN  223 POL
224 RUS  225 AUT  227 HUN  228 SRB  229 ALB  230 GRC  231 ROU  232 BGR  233 CYP  234 TUR  235 EST
236 LVA  237 LTU  238 UKR  239 BLR  240 MDA  241 HRV  242 SVN  243 BIH  244 MKD  245 CZE  246 SVK
247 MNE  249 FRO  250 VAT
301 GRL  302 CAN  303 SPM  304 USA  305 MEX  306 GTM  307 HND  308 BLZ  309 SLV  310 NIC  311 CRI
312 PAN  314 BMU  315 BHS  316 JAM  317 TCA  319 BRB  320 TTO  321 CUB  322 HTI  323 DOM  324 PRI
325 VIR  328 CYM  329 GRD  330 LCA  331 ATG  332 VGB  333 DMA  334 MSR  335 KNA  336 VCT  337 AIA
338 BLM
401 COL  402 VEN  403 GUY  404 SUR  405 GUF  406 ECU  407 PER  408 BOL  409 CHL  410 BRA  411 PRY
412 URY  413 ARG  414 FLK
501 MAR  502 ESP  503 DZA  504 TUN  505 LBY  506 EGY  507 SDN  508 ESH  509 MRT  510 SEN  511 GMB
512 GNB  513 GIN  514 SLE  515 LBR  516 CIV  517 GHA  518 TGO  519 BEN  520 MLI  521 BFA  522 CPV
523 ESP  524 NGA  525 NER  526 RWA  527 CMR  528 TCD  529 CAF  530 GNQ  531 GAB  532 COG  533 COD
534 BDI  535 AGO  536 STP  537 SHN  538 ETH  539 DJI  540 SOM  541 KEN  542 UGA  543 TZA  544 SYC
545 MOZ  546 MDG  547 MUS  548 REU  549 ZWE  550 NAM  551 ZAF  552 LSO  553 MWI  554 ZMB  555 BWA
556 SWZ  557 IOT  558 COM  559 ERI  560 SSD
601 AUS  602 PNG  606 NZL  607 COK  608 TKL  609 NIU  610 WSM  611 VUT  612 FJI  613 SLB  614 TON
615 KIR  616 PCN  617 NRU  618 NCL  619 PYF  620 GUM  621 ASM  622 UMI  624 TUV  625 MHL  626 FSM
627 MNP  628 PLW
"""
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
    "남아프리카공화국": "ZAF",
    "터키": "TUR",
    "북한": "PRK",
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
def _japan() -> dict[str, str]:
    words = _JAPAN_LIST.split()
    return dict(zip(words[::2], words[1::2], strict=True))


@lru_cache(maxsize=1)
def _spelled() -> dict[str, str]:
    """Codes of two letters, and names: Debian's Korean and Japanese ones of every country, then our own."""
    import gettext

    import pycountry

    found = {country.alpha_2: country.alpha_3 for country in pycountry.countries}
    for lang in ("ko", "ja"):
        told = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[lang])
        for country in pycountry.countries:
            for kind in ("official_name", "name", "common_name"):
                if name := getattr(country, kind, ""):
                    found[fold(told.gettext(name))] = country.alpha_3
    return found | {fold(name): code for name, code in _NAMES.items()}


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
        return _japan().get(text, "") if japan else _numbers().get(int(text[:6]), "")
    if text in country_codes():
        return text
    return _spelled().get(text) or _spelled().get(fold(text)) or find_country(text) or ""
