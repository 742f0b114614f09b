"""Names in three scripts: what counts as the same, what is found, what is suggested."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toy import toy

from chainnet import UnknownNameError
from chainnet.names import build_index, country_codes, find_country, fold, mixed_scripts

ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Width, case, spaces and punctuation.
        ("Ｔｏｋｙｏ　Ｅｌｅｃｔｒｏｎ", "Tokyo Electron"),
        ("tokyo_electron", "Tokyo-Electron"),
        ("SK hynix", "SKHynix"),
        ("Shin‐Etsu", "shin etsu"),
        ("STRASSE", "Straße"),
        # Half-width kana, with its sound marks apart.
        ("ﾚｿﾞﾅｯｸ", "レゾナック"),
        ("ﾄｰﾚ･ﾌｧｲﾝ", "トーレファイン"),
        # Decomposed text, as macOS writes file names.
        (unicodedata.normalize("NFD", "솔브레인"), "솔브레인"),
        (unicodedata.normalize("NFD", "レゾナック"), "レゾナック"),
        # Invisible characters.
        (f"Sam{ZERO_WIDTH}sung", "Samsung"),
        ("\ufeff삼성\u2060전자", "삼성전자"),
        (f"ᄉ{ZERO_WIDTH}ᅡᆷ성", "삼성"),
        # Legal forms.
        ("株式会社レゾナック", "レゾナック"),
        ("レゾナック（株）", "レゾナック"),
        ("㈱レゾナック", "レゾナック"),
        ("주식회사 솔브레인", "솔브레인"),
        ("솔브레인㈜", "솔브레인"),
        ("(주)솔브레인", "솔브레인"),
        ("주식 회사 솔브레인", "솔브레인"),
        ("台積股份有限公司", "台積"),
        ("Samsung Electronics Co., Ltd.", "samsung electronics"),
        ("Samsung Electronics Co.,Ltd", "samsung electronics"),
        ("Intel Corporation", "intel"),
        ("Lam Research Corp.", "Lam Research"),
        ("Entegris, Inc.", "entegris"),
        ("Nihon Sanso K.K.", "nihon sanso"),
        ("ASML Holding N.V.", "asml holding"),
        ("Siltronic AG", "siltronic"),
        ("Trumpf GmbH", "trumpf"),
    ],
)
def test_two_spellings_of_one_name(one, other):
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Samsung", "Samsung SDI"),
        ("レゾナック", "レソナック"),
        ("삼성전자", "삼성전기"),
        # A legal form inside a word is part of the word.
        ("Coherent", "herent"),
        ("Incopat", "opat"),
        ("Agilent", "ilent"),
        ("HF", "HF2"),
    ],
)
def test_two_names(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize("form", ["Co., Ltd.", "株式会社", "AG", "(주)"])
def test_a_name_that_is_nothing_but_a_legal_form_keeps_it(form):
    assert fold(form) != ""


#: Letters of the three scripts, parts of legal forms, and what hides or joins.
PIECES = st.sampled_from(
    [
        *("Sam", "sung", "Co", "Ltd", "n.v", "株", "式", "会社", "주식", "회사", "주", "㈱", "㈜"),
        *("ﾚ", "ｿ", "ﾞ", "ᄉ", "ᅡ", "ᆷ", "é", "e\u0301", "ß", "İ", "ｔ"),
        *(".", ",", " ", "_", "-", "(", ")", ZERO_WIDTH, "\ufeff", "\x1b"),
    ]
)
NAMES = st.one_of(st.text(max_size=20), st.lists(PIECES, max_size=8).map("".join))


@given(NAMES)
@example("株-式会社レゾナック")
@example(f"ᄉ{ZERO_WIDTH}ᅡ")
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(NAMES)
def test_the_form_of_unicode_does_not_matter(text):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)


@given(NAMES)
def test_a_folded_name_holds_letters_and_digits_only(text):
    assert all(ch.isalnum() for ch in fold(text))


# --- scripts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        ("Samsung", False),
        ("S\u0430msung", True),  # Cyrillic а
        ("T\u039fK", True),  # Greek Ο
        ("삼성 Samsung", False),
        ("東京エレクトロン TEL", False),
        ("Самсунг", False),
        ("", False),
        ("12-3", False),
    ],
)
def test_latin_letters_with_look_alikes_among_them(name, mixed):
    assert mixed_scripts(name) == mixed


# --- countries ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("JPN", "JPN"),
        ("jpn", "JPN"),
        ("Japan", "JPN"),
        ("日本", "JPN"),
        ("일본", "JPN"),
        ("South Korea", "KOR"),
        ("Korea, Republic of", "KOR"),
        ("韓国", "KOR"),
        ("한국", "KOR"),
        ("대만", "TWN"),
        ("オランダ", "NLD"),
        ("United States", "USA"),
        ("Ruritania", None),
        ("", None),
    ],
)
def test_countries_in_three_languages(text, code):
    assert find_country(text) == code


def test_every_code_is_its_own_name():
    assert len(country_codes()) > 200
    assert {find_country(code) for code in country_codes()} == country_codes()


# --- the index of a graph ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("tok", ("firm", "tok")),
        ("Tokyo Resist Co., Ltd.", ("firm", "tok")),
        ("株式会社東京レジスト", ("firm", "tok")),
        ("東京ﾚｼﾞｽﾄ", ("firm", "tok")),
        (unicodedata.normalize("NFD", "도쿄레지스트"), ("firm", "tok")),
        ("トーレジ", ("firm", "tok")),
        ("trc", ("firm", "tok")),
        ("한빛반도체㈜", ("firm", "han")),
        ("EUV 포토레지스트", ("product", "resist_euv")),
        ("resist-EUV", ("product", "resist_euv")),
        ("フォトレジスト", ("product", "resist_all")),
    ],
)
def test_a_name_in_any_language_is_found(name, found):
    assert toy().names.resolve(name) == found


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("Tokio Resist", "Tokyo Resist"),
        ("hann", "han"),
        ("東京レジス", "東京レジスト"),
        ("한빛반도채", "한빛반도체"),
        ("scaner", "scanner"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong, near):
    with pytest.raises(UnknownNameError) as caught:
        toy().names.resolve(wrong)
    assert near in caught.value.suggestions
    assert f"Did you mean {caught.value.suggestions[0]}" in str(caught.value)


def test_a_name_like_no_other_gets_no_suggestion():
    with pytest.raises(UnknownNameError) as caught:
        toy().names.resolve("zzzzzz")
    assert caught.value.suggestions == ()
    assert "Did you mean" not in str(caught.value)


def test_only_the_kinds_asked_for_are_found():
    assert toy().names.find("chip", ["firm"]) == ()
    with pytest.raises(UnknownNameError, match="no firm 'chip'"):
        toy().names.resolve("chip", ["firm"])


def test_an_identifier_wins_over_a_name():
    index = build_index([("firm", "tel", ["Tokyo Electron"]), ("firm", "telco", ["TEL", "Telco"])])
    assert index.resolve("TEL") == ("firm", "tel")
    assert index.resolve("Telco") == ("firm", "telco")


def test_a_name_of_two_things_is_no_answer():
    index = build_index([("firm", "one", ["Acme"]), ("product", "two", ["Acme Inc."])])
    assert index.find("acme") == (("firm", "one"), ("product", "two"))
    assert index.resolve("acme", ["product"]) == ("product", "two")
    with pytest.raises(UnknownNameError, match="no single firm or product"):
        index.resolve("acme")


@pytest.mark.parametrize("nothing", ["", " ", ZERO_WIDTH, "!?", "---"])
def test_what_holds_no_letter_is_no_name(nothing):
    index = build_index([("firm", "one", ["***", ZERO_WIDTH])])
    assert index.find(nothing) == ()


def test_every_name_of_the_index_leads_to_its_bearer():
    net = toy()
    for kind, table in (("firm", net.firms), ("product", net.products)):
        for row in table.to_dict("records"):
            spelled = [row[kind], row["name"], row["name_ja"], row["name_ko"]]
            for name in filter(None, [*spelled, *row.get("aliases", "").split(";")]):
                assert net.names.resolve(name) == (kind, row[kind])
