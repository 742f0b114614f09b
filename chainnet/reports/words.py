"""The words of a report, in English, Japanese and Korean.

Names stand where no particle after them changes with their last sound.
"""

from __future__ import annotations

from chainnet.figures.words import Lang, Phrases

_WORDS: dict[str, tuple[str, str, str]] = {
    "everything": ("the chain as a whole", "サプライチェーン全体", "공급망 전체"),
    # titles and headings
    "title": (
        "{name}: on whom it depends, and what would stop it",
        "{name}：何に依存し、何が止めうるか",
        "{name}: 무엇에 의존하며 무엇이 멈출 수 있는가",
    ),
    "title_scenario": ("{name} under {scenario}", "{name}：{scenario}の場合", "{name}: {scenario} 시"),
    "answer": ("The answer", "答え", "답"),
    "around": (
        "{name}: what it needs, and who needs it",
        "{name}：必要とするものと、必要とされる先",
        "{name}: 필요로 하는 것과 필요로 하는 곳",
    ),
    "cascade": ("All that the scenario reaches", "シナリオが及ぶ範囲", "시나리오가 미치는 범위"),
    "by_day": ("Day by day", "日ごとの推移", "일별 추이"),
    "suppliers": (
        "{name}: who supplies each input",
        "{name}：投入ごとの供給元",
        "{name}: 투입별 공급처",
    ),
    "assumptions": ("What is assumed", "前提", "가정"),
    "parameters": ("Times and rates of the days", "日次モデルの時間と率", "일별 모형의 시간과 비율"),
    "sources": ("Sources", "出典", "출처"),
    "manifest": ("How this was made", "作成の記録", "작성 기록"),
    # what was asked
    "question": (
        "On whom does {name} depend, and what would stop it?",
        "{name}は何に依存し、何が止めうるか。",
        "질문 대상: {name}. 무엇에 의존하며 무엇이 멈출 수 있는가?",
    ),
    "question_scenario": (
        "What would {name} lose, and when, under {scenario}?",
        "{scenario}の場合、{name}は何を、いつ失うか。",
        "질문 대상: {name}. {scenario} 시 무엇을 언제 잃는가?",
    ),
    "stop": ("a stop of {what}", "{what}の停止", "{what} 중단"),
    "cut": ("a cut of the flow {what}", "{what}の供給遮断", "{what} 공급 차단"),
    "event": ("“{what}”", "「{what}」", "‘{what}’"),
    "when": ("day {start} to {end}", "{start}～{end}日目", "{start}~{end}일째"),
    "from": ("from day {start} on", "{start}日目以降", "{start}일째부터"),
    "data": (
        "Data: graph {graph}, year {year}; {firms} firms, {products} products, {plants} plants and totals.",
        "データ：グラフ {graph}、{year}年。企業{firms}社、製品{products}件、拠点と合計{plants}件。",
        "데이터: 그래프 {graph}, {year}년. 기업 {firms}개, 제품 {products}개, 사업장과 합계 {plants}건.",
    ),
    # the answer
    "no_inputs": (
        "{name} needs no input in this graph.",
        "このグラフでは、{name}に必要な投入はない。",
        "이 그래프에는 {name}의 투입이 없다.",
    ),
    "single": (
        (
            "{name} is known to take {k} of its {n} inputs almost wholly (90 % or more) from one supplier: "
            "{names}. For {m} more this may be so, but who supplies them is not published."
        ),
        (
            "{name}の投入{n}件のうち、90 %以上を1社に頼ることが分かっているのは{k}件（{names}）。"
            "公表情報では確かめられないが、その可能性があるものがほかに{m}件ある。"
        ),
        (
            "{name}의 투입 {n}건 중 90 % 이상을 한 공급처에 의존하는 것으로 확인된 것은 {k}건이다: {names}. "
            "공표된 정보로는 확인할 수 없으나 그럴 가능성이 있는 것이 {m}건 더 있다."
        ),
    ),
    "single_none": (
        (
            "{name} is known to take none of its {n} inputs almost wholly (90 % or more) from one supplier. "
            "For {m} this may be so, but who supplies them is not published."
        ),
        (
            "{name}の投入{n}件のうち、90 %以上を1社に頼ることが分かっているものはない。"
            "公表情報では確かめられないが、その可能性があるものは{m}件ある。"
        ),
        (
            "{name}의 투입 {n}건 중 90 % 이상을 한 공급처에 의존하는 것으로 확인된 것은 없다. "
            "공표된 정보로는 확인할 수 없으나 그럴 가능성이 있는 것은 {m}건이다."
        ),
    ),
    "sole": ("only maker", "唯一の製造者", "유일한 제조사"),
    "tool": ("tool", "装置・資本財", "장비·자본재"),
    "stops_firm": (
        (
            "With nobody stepping in, the closure of one firm alone would stop products of {name} "
            "(95 % of output or more): {names}."
        ),
        "代替がなければ、1社の停止だけで{name}の製品の生産が95 %以上止まる：{names}。",
        "대체가 없다면 한 기업의 중단만으로 {name}의 제품 생산이 95 % 이상 멈춘다: {names}.",
    ),
    "stops_firm_one": (
        "With nobody stepping in, the closure of one firm alone would stop {name} (95 % or more): {names}.",
        "代替がなければ、1社の停止だけで{name}の生産が95 %以上止まる：{names}。",
        "대체가 없다면 한 기업의 중단만으로 {name}의 생산이 95 % 이상 멈춘다: {names}.",
    ),
    "stops_firm_one_none": (
        (
            "No single firm would stop {name}, even with nobody stepping in; the largest loss is {loss}, "
            "from {closure}."
        ),
        (
            "代替がなくても、1社の停止だけで{name}の生産が止まることはない。最大の損失は{closure}"
            "の停止による{loss}である。"
        ),
        (
            "대체가 없더라도 한 기업의 중단만으로 {name}의 생산이 멈추지는 않는다. 가장 큰 손실: "
            "{closure} 중단 시 {loss}."
        ),
    ),
    "stops_firm_all_none": (
        "No single firm alone would stop a maker of chips, even with nobody stepping in.",
        "代替がなくても、1社の停止だけで半導体の製造者が止まることはない。",
        "대체가 없더라도 한 기업의 중단만으로 멈추는 반도체 제조사는 없다.",
    ),
    "stops_country_one": (
        "If all plants of one country closed and nobody stepped in, {name} would stop: {names}.",
        "代替がないまま1か国の拠点がすべて止まると、{name}の生産は止まる：{names}。",
        "대체가 없는 채 한 나라의 사업장이 모두 멈추면 {name}의 생산이 멈춘다: {names}.",
    ),
    "stops_country_one_none": (
        (
            "The closure of all plants of one country would not stop {name}; the largest loss is {loss}, "
            "from {closure}."
        ),
        (
            "1か国の拠点がすべて止まっても{name}の生産は止まらない。最大の損失は{closure}の停止による"
            "{loss}である。"
        ),
        (
            "한 나라의 사업장이 모두 멈추어도 {name}의 생산은 멈추지 않는다. 가장 큰 손실: {closure} "
            "중단 시 {loss}."
        ),
    ),
    "stops_firm_none": (
        (
            "No single firm would stop one of the {n} products of {name}, even with nobody stepping in; "
            "the largest loss is {loss} of {product}, from {closure}."
        ),
        (
            "代替がなくても、1社の停止だけで{name}の製品{n}件のいずれかが止まることはない。"
            "最大の損失は{closure}の停止による{product}の{loss}である。"
        ),
        (
            "대체가 없더라도 한 기업의 중단만으로 {name}의 제품 {n}개 중 어느 것도 멈추지 않는다. "
            "가장 큰 손실: {closure} 중단 시 {product} {loss}."
        ),
    ),
    "stops_country": (
        (
            "If all plants of one country closed and nobody stepped in, so many of the {n} products of "
            "{name} "
            "would stop: {names}."
        ),
        "代替がないまま1か国の拠点がすべて止まると、{name}の製品{n}件のうち次の数が止まる：{names}。",
        "대체가 없는 채 한 나라의 사업장이 모두 멈추면 {name}의 제품 {n}개 중 다음 수가 멈춘다: {names}.",
    ),
    "stops_country_none": (
        (
            "The closure of all plants of one other country would stop none of the {n} products of {name}; "
            "the largest loss is {loss} of {product}, from {closure}."
        ),
        (
            "他の1か国の拠点がすべて止まっても、{name}の製品{n}件のいずれも止まらない。"
            "最大の損失は{closure}の停止による{product}の{loss}である。"
        ),
        (
            "다른 한 나라의 사업장이 모두 멈추어도 {name}의 제품 {n}개 중 어느 것도 멈추지 않는다. "
            "가장 큰 손실: {closure} 중단 시 {product} {loss}."
        ),
    ),
    "untouched": (
        "No closure of another firm or country takes output from {name} in this model.",
        "このモデルでは、他の企業や国の停止によって{name}の生産が減ることはない。",
        "이 모형에서는 다른 기업이나 나라의 중단이 {name}의 생산을 줄이지 않는다.",
    ),
    "half": (
        (
            "Of the {n} inputs whose makers are known, one country makes half or more of the world's output "
            "for {k}: {names}."
        ),
        "製造者が分かっている投入{n}件のうち、世界生産の半分以上が1か国に集中しているのは{k}件：{names}。",
        "제조사가 알려진 투입 {n}건 중 세계 생산의 절반 이상이 한 나라에 집중된 것은 {k}건이다: {names}.",
    ),
    "half_none": (
        "Of none of the {n} inputs whose makers are known does one country make half of the world's output.",
        "製造者が分かっている投入{n}件に、世界生産の半分以上が1か国に集中しているものはない。",
        "제조사가 알려진 투입 {n}건 중 세계 생산의 절반 이상이 한 나라에 집중된 것은 없다.",
    ),
    "depends": (
        "Who depends: with nobody stepping in and nothing in stock, {name} would lose output of: {names}.",
        "依存度：代替も在庫もなければ、{name}が失う生産は {names}。",
        "의존도: 대체도 재고도 없다면 {name}의 생산 손실: {names}.",
    ),
    "depends_none": (
        "Who depends: even with nobody stepping in and nothing in stock, {name} would lose no output.",
        "依存度：代替も在庫もなくても、{name}の生産は失われない。",
        "의존도: 대체도 재고도 없더라도 {name}의 생산 손실은 없다.",
    ),
    "days_hit": (
        (
            "Day by day ({days} days; stocks, slack and requalification counted), {product} is hit worst: "
            "below 95 % from day {day}, by {peak} at the deepest, {lost} days of normal output lost "
            "({low} to {high} in nine tenths of {n} drawings of what is assumed)."
        ),
        (
            "日ごとに見ると（{days}日間、在庫・余力・再認定を考慮）、最も影響を受けるのは{product}：{day}"
            "日目に"
            "平常の95 %を割り、最大{peak}、平常生産の{lost}日分を失う"
            "（仮定値を{n}回引き直した9割の幅：{low}～{high}日分）。"
        ),
        (
            "일별로 보면({days}일간, 재고·여유·재인증 반영) 가장 큰 영향은 {product}: {day}일째에 평상시의 "
            "95 % 아래로 내려가고, 최대 {peak}, 평상시 생산 {lost}일분을 잃는다"
            "(가정값을 {n}회 다시 뽑은 90 % 구간: {low}~{high}일분)."
        ),
    ),
    "days_mild": (
        (
            "Day by day ({days} days; stocks, slack and requalification counted), nothing of {name} falls "
            "below 95 %; hit worst is {product}, by {peak} at the deepest, {lost} days of normal output lost "
            "({low} to {high} in nine tenths of {n} drawings of what is assumed)."
        ),
        (
            "日ごとに見ると（{days}日間、在庫・余力・再認定を考慮）、{name}の製品が平常の95 %を"
            "割ることはない。最も影響を受けるのは{product}：最大{peak}、平常生産の{lost}日分"
            "（仮定値を{n}回引き直した9割の幅：{low}～{high}日分）。"
        ),
        (
            "일별로 보면({days}일간, 재고·여유·재인증 반영) {name}의 제품 중 평상시의 95 % 아래로 "
            "내려가는 것은 없다. 가장 큰 영향은 {product}: 최대 {peak}, 평상시 생산 {lost}일분"
            "(가정값을 {n}회 다시 뽑은 90 % 구간: {low}~{high}일분)."
        ),
    ),
    "days_none": (
        (
            "Day by day ({days} days; stocks, slack and requalification counted), {name} loses no output; "
            "in {falling} of {n} drawings of what is assumed something of it falls below 95 %."
        ),
        (
            "日ごとに見ると（{days}日間、在庫・余力・再認定を考慮）、{name}の生産は失われない。"
            "仮定値を{n}回引き直すと、うち{falling}回で何らかの製品が平常の95 %を割る。"
        ),
        (
            "일별로 보면({days}일간, 재고·여유·재인증 반영) {name}의 생산 손실은 없다. "
            "가정값을 {n}회 다시 뽑으면 그중 {falling}회에서 어떤 제품이 평상시의 95 % 아래로 내려간다."
        ),
    ),
    "unknown": (
        (
            "What is not known: of the {n} shares of leading suppliers, the buyer's own figure is published "
            "for {own}; the world market's stands in for {world}, because purchases are not published; and "
            "{assumed} in all rest on assumption."
        ),
        (
            "分かっていないこと：主な供給元のシェア{n}件のうち、買い手自身について公表されているのは{own}件。"
            "{world}件は購入先が公表されていないため世界市場のシェアを用いた。全{n}件のうち{assumed}件は仮定である。"
        ),
        (
            "알려지지 않은 것: 주 공급처의 비중 {n}건 중 구매자 자신의 수치가 공표된 것은 {own}건이다. "
            "{world}건은 구매처가 공표되지 않아 세계 시장의 비중을 썼다. "
            "전체 {n}건 중 {assumed}건은 가정이다."
        ),
    ),
    "more": ("{n} more", "ほか{n}件", "외 {n}건"),
    "alike": ("{n} alike", "同等の{n}社", "동등한 {n}개사"),
    # assumptions
    "limits": (
        (
            "Relying on one supplier: 90 % or more of an input from one. "
            "Stopped: 95 % or more of the output lost."
        ),
        "「1社に頼る」は投入の90 %以上を1社から得ること、「止まる」は生産の95 %以上を失うこと。",
        "'한 공급처에 의존'은 투입의 90 % 이상을 한 곳에서 얻는 것, '멈춤'은 생산의 95 % 이상을 잃는 것이다.",
    ),
    "ladder": (
        (
            "Few purchases are published. Who supplies whom is filled in steps: 1 a figure of this buyer, 2 "
            "its own plants, 3 suppliers listed without a share (split equally or by their size), 4 a figure "
            "of its country, 5 the world market. At least and at most bound what is known."
        ),
        (
            "購入先の公表は少ない。供給関係は段階を追って補う：1 買い手自身の数値、2 自社拠点、"
            "3 シェアの記載なく挙げられた供給元（規模または等分で配分）、4 国の数値、5 世界市場。"
            "下限と上限は分かっている範囲を示す。"
        ),
        (
            "구매처가 공표된 경우는 적다. 공급 관계는 단계별로 채운다: 1 구매자 자신의 수치, 2 자사 사업장, "
            "3 비중 없이 열거된 공급처(규모에 따라 또는 균등하게 배분), 4 국가의 수치, 5 세계 시장. "
            "하한과 상한은 알려진 범위를 나타낸다."
        ),
    ),
    "grades": (
        (
            "How much a product needs an input is the authors' judgement. Tools and software are capital: "
            "their maker's stop does not end today's output."
        ),
        (
            "製品が投入をどれだけ必要とするかは作成者の判断による。装置とソフトウェアは資本財であり、"
            "その製造者が止まっても当面の生産は続く。"
        ),
        (
            "제품이 투입을 얼마나 필요로 하는지는 작성자의 판단이다. 장비와 소프트웨어는 자본재이므로 "
            "그 제조사가 멈추어도 당장의 생산은 이어진다."
        ),
    ),
    "bands": (
        (
            "The days rest on the times and rates below, many of them assumed. Bands show 5 % to 95 % of {n} "
            "drawings over their ranges (seed 0): read the interval, not the point."
        ),
        (
            "日ごとの推移は下表の時間と率に基づき、その多くは仮定である。帯は範囲から{n}回引いた結果の"
            "5 %～95 %（シード0）を示す。点ではなく幅で読むこと。"
        ),
        (
            "일별 추이는 아래 표의 시간과 비율에 기초하며 그중 다수는 가정이다. 띠는 범위에서 {n}회 뽑은 "
            "결과의 5 %~95 %(시드 0)를 나타낸다. 점이 아니라 구간으로 읽어야 한다."
        ),
    ),
    "nothing_lost": (
        "Nothing is drawn: nothing of {name} loses output in these {days} days.",
        "図はない：この{days}日間に{name}の生産は失われない。",
        "그림 없음: 이 {days}일 동안 {name}의 생산 손실이 없다.",
    ),
    # columns
    "col_buyer": ("Buyer", "買い手", "구매자"),
    "col_makes": ("Makes", "製品", "제품"),
    "col_input": ("Input", "投入", "투입"),
    "col_supplier": ("Main supplier", "主な供給元", "주 공급처"),
    "col_share": ("Share", "シェア", "비중"),
    "col_low": ("At least", "下限", "하한"),
    "col_high": ("At most", "上限", "상한"),
    "col_alone": ("Alone", "単独", "단독"),
    "col_importance": ("Importance", "重要度", "중요도"),
    "col_use": ("Use", "用途", "용도"),
    "col_country": ("Leading country", "首位の国", "선두 국가"),
    "col_world": ("Its share of world output", "その国の世界生産シェア", "그 나라의 세계 생산 비중"),
    "col_step": ("Step", "段階", "단계"),
    "col_status": ("Status", "確度", "확실도"),
    "col_source": ("Source", "出典", "출처"),
    "col_name": ("What", "対象", "대상"),
    "col_loss": ("Lost if nobody steps in", "代替なしの損失", "대체가 없을 때 손실"),
    "col_day": ("Below 95 % from day", "95 %を割る日", "95 % 아래로 내려가는 날"),
    "col_peak": ("Deepest loss", "最大の損失", "최대 손실"),
    "col_back": ("Days until back", "回復までの日数", "회복까지 일수"),
    "col_lost": ("Days of output lost", "失われる生産日数", "잃는 생산 일수"),
    "col_lost_low": ("5 % of drawings", "5 %点", "5 % 지점"),
    "col_lost_high": ("95 % of drawings", "95 %点", "95 % 지점"),
    "col_parameter": ("What", "項目", "항목"),
    "col_of": ("Of", "対象", "대상"),
    "col_value": ("Value", "値", "값"),
    "col_unit": ("Unit", "単位", "단위"),
    "col_publisher": ("Publisher", "発行元", "발행처"),
    "col_year": ("Year", "年", "연도"),
    "col_address": ("Address", "アドレス", "주소"),
    "col_item": ("Item", "項目", "항목"),
    # cells
    "is_sole": ("only maker", "唯一の製造者", "유일한 제조사"),
    "is_single": ("single source", "単一調達", "단일 조달"),
    "is_possible": ("possible", "可能性あり", "가능성 있음"),
    "is_own": ("own", "自社", "자사"),
    "consumed": ("consumed", "消費", "소모"),
    "capital": ("tool, capital", "装置・資本財", "장비·자본재"),
    "cover_days": ("Stock of an input at its user", "使い手の投入在庫", "사용자의 투입 재고"),
    "qualification_days": (
        "Time to qualify a new supplier",
        "新しい供給元の認定期間",
        "새 공급처 인증 기간",
    ),
    "same_site_days": (
        "Time to qualify another site of a supplier",
        "同じ供給元の別拠点の認定期間",
        "같은 공급처의 다른 사업장 인증 기간",
    ),
    "lead_days": ("Production time", "生産期間", "생산 기간"),
    "finished_days": ("Stock of finished goods", "製品在庫", "완제품 재고"),
    "transit_days": ("Transport", "輸送日数", "운송 일수"),
    "slack": ("Spare output above normal", "平常を超える生産余力", "평상시를 넘는 생산 여유"),
    "refill_days": ("Time to refill a stock", "在庫を補充する期間", "재고 보충 기간"),
    "ramp_days": ("Time to ramp up", "増産にかかる期間", "증산에 걸리는 기간"),
    "detection_days": ("Time until a shortage is noticed", "不足に気づくまで", "부족을 알아차리기까지"),
    "stock_building": ("Extra orders before a control", "規制前の積み増し発注", "규제 전 추가 발주"),
    "sticky": ("Part of moved purchases that stays", "移った購入が戻らない割合", "옮긴 구매가 남는 비율"),
    "spare_parts_days": ("Stock of spare parts of tools", "装置の予備部品在庫", "장비 예비 부품 재고"),
    "spare_impact": (
        "Output lost once spare parts are gone",
        "予備部品が尽きた後に失われる生産",
        "예비 부품이 떨어진 뒤 잃는 생산",
    ),
    "outside_share": (
        "Part of devices sold outside the graph",
        "グラフの外に売られるデバイスの割合",
        "그래프 밖에 팔리는 소자의 비율",
    ),
    "days": ("days", "日", "일"),
    # manifest
    "m_graph": ("Graph", "グラフ", "그래프"),
    "m_sha256": ("SHA-256 of its tables", "表のSHA-256", "표의 SHA-256"),
    "m_version": ("chainnet", "chainnet", "chainnet"),
    "m_focus": ("Focus", "対象", "대상"),
    "m_scenario": ("Scenario", "シナリオ", "시나리오"),
    "m_lang": ("Language", "言語", "언어"),
    "m_seed": ("Drawings, seed", "抽出回数とシード", "추출 횟수와 시드"),
    "m_licence": ("Licences of sources", "出典のライセンス", "출처의 라이선스"),
    "none": ("none", "なし", "없음"),
}

tell = Phrases(_WORDS)


def listed(names: list[str], lang: Lang, most: int = 6) -> str:
    """Return names as one text, and how many more there are.

    Parameters
    ----------
    names
        The names.
    lang
        Language.
    most
        How many are named.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> listed(["a", "b", "c"], "en", 2)
    'a, b, 1 more'
    """
    more = [tell("more", lang, n=len(names) - most)] if len(names) > most else []
    return ("、" if lang == "ja" else ", ").join([*names[:most], *more])
