"""Tables of trade in five layouts tell the same story: Korea's imports of hydrogen fluoride, by hand.

2018: Japan 46, China 50, unknown 4 · 2019: Japan 30, China 60, Taiwan 10   (281111, thousands)
"""

from __future__ import annotations

import gettext
import math

import pycountry
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import chainnet as cn
from chainnet.commands import main
from chainnet.exchange.places import place
from chainnet.names import country_codes

BACI = """t,i,j,k,v,q
2018,392,410,281111,46,1
2018,156,410,281111,50,1
2018,899,410,281111,4,1
2019,392,410,281111,30,1
2019,156,410,281111,60,1
2019,490,410,281111,10,1
2019,392,842,281111,99,1
2019,392,410,10121,7,1
"""
COMTRADE = """period,reporterCode,flowCode,partnerCode,partner2Code,customsCode,motCode,cmdCode,primaryValue
2018,410,M,392,0,C00,0,281111,46000
2018,410,M,156,0,C00,0,281111,50000
2018,410,M,899,0,C00,0,281111,4000
2018,410,M,0,0,C00,0,281111,100000
2019,410,M,392,0,C00,0,281111,30000
2019,410,M,392,0,C01,0,281111,30000
2019,410,M,156,0,C00,0,281111,60000
2019,410,M,490,0,C00,0,281111,10000
2019,410,M,392,0,C00,0,2811,30000
2019,410,X,392,0,C00,0,281111,5000
"""
KOREA = """기간,국가,HS코드,품목명,수출 중량,수출 금액,수입 중량,수입 금액,무역수지
총계,총계,-,-,0,0,0,200,-200
2018.01,일본,2811111000,불산,0,0,1,20,-20
2018.07,일본,2811111000,불산,0,0,1,26,-26
2018.07,중국,2811111000,불산,0,0,1,50,-50
2018.07,기타국,2811111000,불산,0,0,1,4,-4
2019.07,일본,2811111000,불산,0,9,1,30,-21
2019.07,중국,2811111000,불산,0,0,1,60,-60
2019.07,대만,2811111000,불산,0,0,1,"1,0",-10
""".replace('"1,0"', "10")
PLAIN = """period,exporter,importer,hs,value
2018,Japan,South Korea,281111,46
2018,中国,한국,281111,50
2018,Various countries,KOR,281111,4
2019,일본,韓国,281111,30
2019,CN,KR,281111,60
2019,"Other Asia, nes",Rep. of Korea,281111,10
"""
JAPAN = """Exp or Imp,Year,HS,Country,Unit1,Unit2,Quantity1-Year,Quantity2-Year,Value-Year,Value-Jan,Value-Feb
2,2019,'281111000',103,,KG,0,1,30,10,20
2,2019,'281111000',105,,KG,0,1,60,60,0
2,2019,'281111000',999,,KG,0,1,10,0,10
1,2019,'281111000',103,,KG,0,1,500,500,0
"""
LAYOUTS = {"baci": BACI, "comtrade": COMTRADE, "korea": KOREA, "plain": PLAIN}


def written(tmp_path, text: str, encoding: str = "utf-8"):
    path = tmp_path / "trade.csv"
    path.write_bytes(text.encode(encoding))
    return path


# --- the same story in every layout ----------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_dependence(layout, tmp_path):
    trade = cn.read_trade(written(tmp_path, LAYOUTS[layout]), importer="KOR", hs=["2811"])
    table = cn.trade_dependence(trade, "KOR", hs=["2811"]).set_index("period")
    assert table.index.tolist() == ["2018", "2019"]
    assert table["hhi"].tolist() == pytest.approx([0.46**2 + 0.5**2, 0.3**2 + 0.6**2 + 0.1**2])
    assert table["high"].tolist() == pytest.approx([0.46**2 + 0.5**2 + 0.04**2, 0.46])
    assert table["unknown"].tolist() == pytest.approx([0.04, 0])
    assert table["leader"].tolist() == ["CHN", "CHN"]
    assert table["cr1"].tolist() == pytest.approx([0.5, 0.6])
    assert table["to_75"].tolist() == [2, 2]
    partners = cn.trade_dependence(trade, "한국", hs=["2811"], by="partner")
    shares = partners.set_index(["period", "partner"])["share"]
    assert shares["2018", "JPN"] == pytest.approx(0.46)
    assert shares["2019", "TWN"] == pytest.approx(0.1)


def test_what_is_not_used_is_told_by_row(tmp_path):
    report = cn.read_trade(written(tmp_path, COMTRADE), importer="KOR").report
    assert report[["row", "code"]].to_numpy().tolist() == [
        [4, "used-as-unknown"],
        [5, "total"],
        [7, "breakdown"],
        [10, "total-of-products"],
        [11, "not-imports"],
    ]
    korea = cn.read_trade(written(tmp_path, KOREA), importer="KOR").report
    assert korea[["row", "code", "value"]].to_numpy().tolist() == [
        [2, "total", "총계"],
        [6, "used-as-unknown", "기타국"],
    ]


def test_only_what_is_asked_for_is_kept(tmp_path):
    trade = cn.read_trade(written(tmp_path, BACI), importer="KOR", hs=["2811"])
    assert (trade.rows, trade.asked, len(trade.flows)) == (8, 6, 6)
    whole = cn.read_trade(written(tmp_path, BACI))
    assert (whole.rows, whole.asked, len(whole.flows)) == (8, 8, 8)
    assert "010121" in set(whole.flows["hs"])


def test_months_of_japans_customs(tmp_path):
    trade = cn.read_trade(written(tmp_path, JAPAN), importer="JPN")
    assert trade.unit == "thousand JPY"
    table = cn.trade_dependence(trade, "JPN", every="month").set_index("period")
    assert table["leader"].to_dict() == {"2019-01": "CHN", "2019-02": "KOR"}
    assert table["cr1"].tolist() == pytest.approx([60 / 70, 20 / 30])
    year = cn.trade_dependence(trade, "JPN")
    assert year["value"].tolist() == [100]
    assert year["unknown"].tolist() == pytest.approx([0.1])
    assert trade.report["code"].tolist() == ["used-as-unknown", "not-imports"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["JPN", "CHN", "TWN", "899"]), st.integers(0, 10**6)),
        min_size=1,
        max_size=8,
    )
)
def test_shares_add_up_and_bounds_hold(tmp_path_factory, flows):
    text = "period,exporter,importer,hs,value\n" + "".join(
        f"2020,{who},KOR,2811,{value}\n" for who, value in flows
    )
    trade = cn.read_trade(written(tmp_path_factory.mktemp("trade"), text))
    row = cn.trade_dependence(trade, "KOR").iloc[0]
    total = sum(value for _, value in flows)
    assert row["value"] == total
    shares = cn.trade_dependence(trade, "KOR", by="partner")["share"]
    if total:
        assert math.fsum(shares) == pytest.approx(1)
        assert 0 <= row["low"] <= row["hhi"] <= row["high"] <= 1 + 1e-12
    else:
        assert row["unknown"] == 1
        assert row["leader"] == ""


# --- countries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("842", "USA"), ("840", "USA"), ("251", "FRA"), ("250", "FRA"), ("381", "ITA"), ("380", "ITA"),
        ("490", "TWN"), ("S19", "TWN"), ("Other Asia, nes", "TWN"), ("158", "TWN"), ("757", "CHE"),
        ("410", "KOR"), ("Rep. of Korea", "KOR"), ("South Korea", "KOR"),
        ("KR", "KOR"), ("한국", "KOR"), ("韓国", "KOR"),
        ("NA", "NAM"), ("36", "AUS"), ("036", "AUS"), ("미국", "USA"), ("台湾", "TWN"), ("대만", "TWN"),
        ("Dem. People's Rep. of Korea", "PRK"),
        ("R4", ""), ("EUR", ""), ("Various countries", ""), ("899", ""), ("", ""), ("97", ""),
        ("99999999999", ""),
    ],
)  # fmt: skip
def test_countries_as_trade_statistics_write_them(text, code):
    assert place(text) == code


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "unknown-layout"),
        ("", "unknown-layout"),
        ("t,i,j,k,v,v\n", "unknown-layout"),
        ('t,i,j,k,v,q\n1,"2', "broken-csv"),
        ("t,i,j,k,v,q\n1,\0,3,4,5,6\n", "nul-byte"),
        (PLAIN.replace("2019,CN", "2019-07,CN"), "mixed-periods"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path, text, code):
    with pytest.raises(cn.DataError) as error:
        cn.read_trade(written(tmp_path, text))
    assert [fault.code for fault in error.value.faults] == [code]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2018,JPN,KOR,281111", "row-width"),
        ("2018,JPN,Ruritania,281111,1", "no-importer"),
        ("2018,JPN,KOR,fluoride,1", "no-product"),
        ("spring,JPN,KOR,281111,1", "bad-period"),
        ("2018,JPN,KOR,281111,-1", "not-a-number"),
        ("2018,JPN,KOR,281111,nan", "not-a-number"),
        ("2018,World,KOR,281111,100", "total"),
    ],
)
def test_a_row_that_cannot_be_used_is_told(tmp_path, row, code):
    trade = cn.read_trade(written(tmp_path, f"{PLAIN}{row}\n"))
    assert trade.report.iloc[-1][["row", "code"]].tolist() == [8, code]
    assert len(trade.flows) == 6


def test_an_encoding_is_guessed_but_never_taken(tmp_path):
    path = written(tmp_path, KOREA, "cp949")
    with pytest.raises(cn.DataError, match=r"It may be cp949.*--encoding"):
        cn.read_trade(path)
    assert len(cn.read_trade(path, encoding="cp949").flows) == 7
    with pytest.raises(cn.UsageError, match="no encoding"):
        cn.read_trade(path, encoding="klingon")


def test_what_makes_no_sense_is_a_usage_error(tmp_path):
    trade = cn.read_trade(written(tmp_path, BACI))
    for error in (
        lambda: cn.read_trade(written(tmp_path, BACI), importer="Ruritania"),
        lambda: cn.read_trade(written(tmp_path, BACI), hs=["fluoride"]),
        lambda: cn.trade_dependence(trade, "QAT"),
        lambda: cn.trade_dependence(trade, "KOR", every="month"),
    ):
        with pytest.raises(cn.UsageError):
            error()


def test_the_command(tmp_path):
    path = written(tmp_path, KOREA, "cp949")
    words = ["trade", str(path), "--importer", "KOR", "--hs", "2811"]
    assert CliRunner().invoke(main, words).exit_code == 3
    done = CliRunner().invoke(main, [*words, "--encoding", "cp949", "--every", "month", "--format", "csv"])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].startswith("2811,2018-01,20")
    assert "1 rows [used-as-unknown]" in done.stderr
    assert "기타국" in done.stderr


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("103", "KOR"),
        ("120", "KHM"),
        ("137", "SAU"),
        ("153", "KAZ"),
        ("201", "ISL"),
        ("216", "PRT"),
        ("245", "CZE"),
        ("324", "PRI"),
        ("409", "CHL"),
        ("410", "BRA"),
        ("523", "ESP"),
        ("532", "COG"),
        ("533", "COD"),
        ("551", "ZAF"),
        ("606", "NZL"),
        ("248", ""),
        ("326", ""),
        ("702", ""),
        ("392", ""),
        ("999", ""),
    ],
)
def test_codes_of_japans_customs_are_not_those_of_the_un(code, country):
    assert place(code, japan=True) == country


def test_every_country_of_japans_customs_has_one_code():
    found = [place(str(code), japan=True) for code in range(1000)]
    known = [name for name in found if name]
    assert len(known) == 227
    assert set(known) <= set(country_codes())
    # Parts that the statistics show beside their country: the Azores; Ceuta and Melilla, the Canaries.
    assert {name: known.count(name) for name in known if known.count(name) > 1} == {"PRT": 2, "ESP": 3}
    assert "JPN" not in known


@pytest.mark.parametrize(
    ("names", "country"),
    [
        ("브라질 ブラジル", "BRA"),
        ("칠레 チリ", "CHL"),
        ("체코 チェコ", "CZE"),
        ("튀르키예 터키 トルコ", "TUR"),
        ("사우디아라비아 サウジアラビア", "SAU"),
        ("남아프리카공화국 南アフリカ", "ZAF"),
        ("노르웨이 ノルウェー", "NOR"),
        ("볼리비아 ボリビア", "BOL"),
        ("영국 英国 イギリス", "GBR"),
        ("북한 北朝鮮", "PRK"),
        ("한국 대한민국 韓国 大韓民国", "KOR"),
        ("루리타니아 ルリタニア", ""),
    ],
)
def test_countries_are_known_by_their_korean_and_japanese_names(names, country):
    assert {name: place(name) for name in names.split()} == dict.fromkeys(names.split(), country)


def test_no_name_is_that_of_two_countries():
    """Every name of every country, in three languages, is of that country alone."""
    for lang in ("ko", "ja"):
        told = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[lang])
        for country in pycountry.countries:
            assert place(told.gettext(country.name)) == country.alpha_3
            assert place(country.name) == country.alpha_3


def test_one_code_and_a_code_given_twice_mean_the_code_once(tmp_path):
    rows = "KOR,JPN,281111,2019,46\nKOR,CHN,850760,2019,54\n"
    path = written(tmp_path, "importer,exporter,hs,period,value\n" + rows)
    trade = cn.read_trade(path)
    table = cn.trade_dependence(trade, "KOR", hs=["2811"])
    assert table["value"].tolist() == [46.0]
    for same in ("2811", ["2811", "2811"]):
        assert cn.trade_dependence(trade, "KOR", hs=same).equals(table)
    assert len(cn.read_trade(path, hs="2811").flows) == 1
