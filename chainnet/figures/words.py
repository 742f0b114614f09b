"""The words of the pictures, in English, Japanese and Korean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Lang = Literal["en", "ja", "ko"]
LANGS: tuple[Lang, ...] = ("en", "ja", "ko")

#: Fonts that hold the letters of a language, on the usual systems; Japanese and Korean draw some
#: Chinese characters differently.
FONTS: dict[Lang, str] = {
    "en": "Noto Sans, Segoe UI, Helvetica Neue, Arial, Noto Sans CJK JP, sans-serif",
    "ja": "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, Meiryo, sans-serif",
    "ko": "Noto Sans CJK KR, Noto Sans KR, Apple SD Gothic Neo, Malgun Gothic, sans-serif",
}


@dataclass(frozen=True)
class Phrases:
    """Phrases in English, Japanese and Korean, called for by their keys.

    Parameters
    ----------
    words
        By key, the phrase in each language, in the order of ``LANGS``.

    Examples
    --------
    >>> Phrases({"makers": ("{n} makers", "{n}社", "{n}개사")})("makers", "ko", n=3)
    '3개사'
    """

    words: Mapping[str, tuple[str, str, str]]

    def __call__(self, key: str, lang: Lang, **fields: object) -> str:
        """Return a phrase as plain text: nothing that is put into it is escaped."""
        return self.words[key][LANGS.index(lang)].format(**fields)


_WORDS: dict[str, tuple[str, str, str]] = {
    # stages
    "raw": ("Raw materials", "原料", "원료"),
    "material": ("Materials", "材料", "소재"),
    "equipment": ("Equipment", "製造装置", "제조장비"),
    "design": ("Design", "設計", "설계"),
    "mask": ("Masks", "マスク", "마스크"),
    "device": ("Chips", "半導体デバイス", "반도체 소자"),
    "packaging": ("Packaging", "後工程・パッケージ", "패키징"),
    "end_use": ("End use", "最終用途", "최종 용도"),
    # how far a figure is known
    "observed": ("observed", "実測", "관측"),
    "estimated": ("estimated", "推計", "추정"),
    "assumed": ("assumed", "仮定", "가정"),
    # needs
    "critical": ("critical", "必須", "필수"),
    "important": ("important", "重要", "중요"),
    "minor": ("minor", "軽微", "경미"),
    "consumed": ("consumed", "消費される投入", "소모성 투입"),
    "capital": (
        "capital (installed base goes on)",
        "資本財（既設分は稼働継続）",
        "자본재(기존 설비는 계속 가동)",
    ),
    "need": ("Need", "必要な投入", "필요 투입"),
    "impact": (
        "output lost without it: {value}",
        "失われると減る生産：{value}",
        "없을 때 잃는 생산: {value}",
    ),
    "cover": (
        "usual stock: {value:g} days of use",
        "通常在庫：使用{value:g}日分",
        "통상 재고: 사용량 {value:g}일분",
    ),
    "only": ("only for: {value}", "対象：{value}のみ", "대상: {value}만"),
    # makers
    "maker": ("1 maker", "1社", "1개사"),
    "makers": ("{n} makers", "{n}社", "{n}개사"),
    "no_makers": ("no maker in the data", "データに製造者なし", "데이터에 제조사 없음"),
    "sole": ("only maker: {name}", "唯一の製造者：{name}", "유일한 제조사: {name}"),
    "more": ("+ {n} more", "ほか{n}社", "외 {n}곳"),
    "others": ("other makers", "その他の製造者", "기타 제조사"),
    "share": ("share of world output: {value}", "世界生産シェア：{value}", "세계 생산 비중: {value}"),
    "unknown": ("unknown", "不明", "알 수 없음"),
    "bounds": ("between {low} and {high}", "{low}～{high}の範囲", "{low}~{high} 범위"),
    "made_in": ("made in {value}", "生産地：{value}", "생산지: {value}"),
    "basis_revenue": ("by revenue", "売上高基準", "매출 기준"),
    "basis_capacity": ("by capacity", "生産能力基準", "생산능력 기준"),
    "basis_volume": ("by volume", "数量基準", "물량 기준"),
    "placed": (
        "booked by head office; the place is assumed",
        "本社計上の数値、所在地は仮定",
        "본사 집계 수치, 소재지는 가정",
    ),
    "step_country rest": (
        "what the country's figure leaves",
        "国の合計から既知分を除いた残り",
        "국가 합계에서 알려진 몫을 뺀 나머지",
    ),
    "step_family": ("taken from the wider product", "上位製品の数値から", "상위 제품의 수치에서"),
    "step_equal split": ("an equal part of the rest", "残りの等分", "나머지의 균등 배분"),
    "named": ("named supplier of {name}", "{name}の供給元として確認済み", "{name}의 공급사로 확인됨"),
    "source": ("Source: {value}", "出典：{value}", "출처: {value}"),
    "judgement": ("judgement of the authors", "作成者の判断", "작성자의 판단"),
    "year": ("year {value}", "{value}年", "{value}년"),
    # what a shock does
    "loss": ("output lost: {value}", "失われる生産：{value}", "잃는 생산: {value}"),
    "exposure": (
        "capital exposure (tool suppliers hit): {value}",
        "資本財の影響（装置供給元の被災割合）：{value}",
        "자본재 노출(장비 공급원 피해 비율): {value}",
    ),
    "through": ("because of: {value}", "原因となる投入：{value}", "원인 투입: {value}"),
    "closed": ("closed or cut by the shock itself", "ショックが直接及ぶ", "충격이 직접 미침"),
    "tools": ("tools {value}", "装置 {value}", "장비 {value}"),
    # legend
    "key_loss": ("Output lost", "失われる生産", "잃는 생산"),
    "key_none": ("none", "なし", "없음"),
    "key_tools": (
        "tools N %: no output lost now, N % of its tool suppliers are hit",
        "装置 N %：当面の生産減はないが、装置供給元のN %が止まる",
        "장비 N %: 당장 생산 손실은 없으나 장비 공급원의 N %가 멈춤",
    ),
    "key_shock": ("hit by the shock itself", "ショックが直接及ぶ所", "충격이 직접 미친 곳"),
    "key_control": ("flows held back", "輸出規制の対象", "수출통제 대상"),
    "key_live": ("carries the loss", "損失が伝わる経路", "손실이 전달되는 경로"),
    "key_line": ("need, {status}", "必要な投入（{status}）", "필요 투입({status})"),
    "key_capital": (
        "capital good (tools, software)",
        "資本財（装置・ソフト）",
        "자본재(장비·소프트웨어)",
    ),
    "key_share": ("share of world output:", "世界生産シェア：", "세계 생산 비중:"),
    "key_focus": ("in focus", "注目の対象", "주목 대상"),
    "key_named": (
        "bold: named supplier of {name}",
        "太字：{name}の供給元として確認済み",
        "굵게: {name}의 공급사로 확인됨",
    ),
    "key_dots": (
        "each dot is a product; the {n} best linked bear their names",
        "点は製品、つながりの多い{n}件に名前を表示",
        "점은 제품이며, 연결이 많은 {n}개에 이름을 표시",
    ),
    "key_sole": ("only one maker", "製造者が1社のみ", "제조사가 한 곳뿐"),
    # nodes and edges
    "firm": ("firm", "企業", "기업"),
    "product": ("product", "製品", "제품"),
    "by_kind": ("Kind", "種別", "종류"),
    "by_country": ("Head office", "本社所在国", "본사 국가"),
    "by_business": ("Business", "業種", "업종"),
    "by_class": ("Class", "分類", "분류"),
    "by_family": ("Family", "製品群", "제품군"),
    "by_stage": ("Stage", "段階", "단계"),
    "by_id": ("Identifier", "識別子", "식별자"),
    "by_name": ("Name", "名称", "이름"),
    "by_lead_days": ("Lead time", "リードタイム", "리드타임"),
    "by_transit_days": ("Transport time", "輸送日数", "운송 기간"),
    "by_utilisation": ("Utilisation", "稼働率", "가동률"),
    "by_finished_days": ("Finished stock", "製品在庫", "완제품 재고"),
    "class_raw_material": ("raw material", "原料", "원료"),
    "class_material": ("material", "材料", "소재"),
    "class_component": ("component", "部品", "부품"),
    "class_equipment": ("equipment", "装置", "장비"),
    "class_service": ("service", "サービス", "서비스"),
    "class_process": ("process", "工程", "공정"),
    "class_device": ("device", "デバイス", "소자"),
    "business_idm": ("integrated chip maker", "垂直統合型半導体", "종합 반도체"),
    "business_foundry": ("foundry", "ファウンドリ", "파운드리"),
    "business_fabless": ("fabless", "ファブレス", "팹리스"),
    "business_osat": ("packaging and test", "後工程受託", "후공정 수탁"),
    "business_materials": ("materials", "材料", "소재"),
    "business_chemicals": ("chemicals", "化学", "화학"),
    "business_gas": ("gases", "ガス", "가스"),
    "business_wafer": ("wafers", "ウエハ", "웨이퍼"),
    "business_equipment": ("equipment", "製造装置", "장비"),
    "business_components": ("components", "部品", "부품"),
    "business_eda_ip": ("design software and IP", "EDA・IP", "EDA·IP"),
    "business_module": ("modules", "モジュール", "모듈"),
    "business_storage": ("storage", "ストレージ", "저장장치"),
    "business_end_user": ("end user", "最終ユーザー", "최종 사용자"),
    "business_research": ("research", "研究機関", "연구기관"),
    "key_firm": ("firm", "企業", "기업"),
    "key_product": ("product", "製品", "제품"),
    "key_more": ("several makers of one product", "同じ製品の製造者数社", "같은 제품의 제조사 여럿"),
    "key_supplies": ("makes", "製造する", "만든다"),
    "key_need": ("goes into", "投入される", "투입된다"),
    "key_size": ("Size: {name}", "大きさ：{name}", "크기: {name}"),
    "key_ranked": (
        "each dot is a firm or product; the {n} best linked bear their names",
        "点は企業または製品、つながりの多い{n}件に名前を表示",
        "점은 기업 또는 제품이며, 연결이 많은 {n}개에 이름을 표시",
    ),
    "key_largest": (
        "each dot is a firm or product; the {n} largest bear their names",
        "点は企業または製品、大きい順に{n}件の名前を表示",
        "점은 기업 또는 제품이며, 큰 것부터 {n}개에 이름을 표시",
    ),
    "step_0": ("hit by the shock itself", "ショックが直接及ぶ", "충격이 직접 미침"),
    "steps_from": (
        "the loss arrives in step {n} from the shock",
        "ショックから{n}段階目に損失が及ぶ",
        "충격에서 {n}단계째에 손실이 미침",
    ),
    "title_web": (
        "Who makes what, and what needs it",
        "誰が何を作り、それを何が必要とするか",
        "누가 무엇을 만들고, 무엇이 그것을 필요로 하는가",
    ),
    "shown_nodes": (
        (
            "Shown: firms {firms}, products {products}, links between them {edges}. Arrows lead from a firm "
            "to what it makes, and from an input to what needs it; makers without a name are no nodes."
        ),
        (
            "表示：企業{firms}社、{products}製品、その間のつながり{edges}件。矢印は企業からその製品へ、投入から"
            "それを必要とするものへ向かいます。名前のない製造者は点になりません。"
        ),
        (
            "표시: 기업 {firms}곳, 제품 {products}개, 그 사이 연결 {edges}건. 화살표는 기업에서 그 제품으로, "
            "투입에서 그것을 필요로 하는 쪽으로 향합니다. 이름 없는 제조사는 점이 아닙니다."
        ),
    ),
    "drawn_as_one": (
        "{n} makers of one product each are drawn together; the table lists them.",
        "1製品のみの製造者{n}社はまとめて描いています。表には個別に載せています。",
        "한 제품만 만드는 {n}개사는 묶어서 그렸으며, 표에는 따로 있습니다.",
    ),
    "col_step": ("Step", "段階数", "전파 단계"),
    "col_makes": ("Makes", "製造品目", "만드는 것"),
    # charts
    "title_output": (
        "Where products are made: share of world output by country",
        "どこで作られているか：国別の世界生産シェア",
        "어디서 만드는가: 국가별 세계 생산 비중",
    ),
    "title_purchases": (
        "How much of each input comes from the largest supplier, by buyer",
        "買い手別：各投入の最大供給元への依存度",
        "구매자별: 각 투입의 최대 공급사 의존도",
    ),
    "title_losses": (
        "Who stops whom: output lost when a firm closes and nobody steps in",
        "どの企業が止まると誰が止まるか：代替がない場合に失われる生産",
        "어느 기업이 멈추면 누가 멈추는가: 대체가 없을 때 잃는 생산",
    ),
    "note_output": (
        "Dark: most of the world's output stands in that country. White: no maker there in the data.",
        "濃い色ほど、その国が世界生産の多くを占めます。白はデータに製造者がない国です。",
        "색이 짙을수록 그 나라가 세계 생산의 많은 몫을 차지합니다. 흰색은 데이터에 제조사가 없는 나라입니다.",
    ),
    "note_purchases": (
        (
            "Dark: the buyer takes nearly all of that input from one firm. Most figures are those of the "
            "world market, because few purchases are published. White: not an input of that buyer. A buyer "
            "of one input for several products is shown where it depends most."
        ),
        (
            "濃い色ほど、その投入をほぼ1社に頼っています。購買の公表値は少なく、多くは世界市場の数値です。"
            "白はその企業の投入ではないもの。複数の製品に使う場合は依存が最も高いものを示します。"
        ),
        (
            "색이 짙을수록 그 투입을 거의 한 회사에 의존합니다. 공표된 구매 수치가 적어 대부분 세계 시장의 "
            "수치입니다. 흰색은 투입이 아닌 것. 여러 제품에 쓰이면 의존이 가장 큰 경우를 보여 줍니다."
        ),
    ),
    "note_losses": (
        (
            "Rows: the firm that closes. Columns: the maker that loses output. White: no loss. A firm's "
            "own "
            "closure is left out. Stocks, time and substitutes are not counted, and many shares are "
            "assumed: "
            "this says who depends, not what will be lost."
        ),
        (
            "行は停止する企業、列は生産を失う企業です。白は損失なし。自社の停止は除きます。在庫・時間・代替は"
            "含まれず、多くのシェアは仮定です。依存関係を示すもので、損失の予測ではありません。"
        ),
        (
            "행은 멈추는 기업, 열은 생산을 잃는 기업입니다. 흰색은 손실 없음. 자기 자신의 정지는 제외합니다. "
            "재고·시간·대체는 들어 있지 않고 많은 비중이 가정입니다. 의존 관계이지 손실의 예측이 아닙니다."
        ),
    ),
    "title_hhi_firm": (
        "How concentrated the makers are: Herfindahl index by product",
        "製造者の集中度：製品別ハーフィンダール指数",
        "제조사의 집중도: 제품별 허핀달 지수",
    ),
    "title_hhi_country": (
        "How concentrated the places are: Herfindahl index of countries by product",
        "生産国の集中度：製品別ハーフィンダール指数",
        "생산국의 집중도: 제품별 허핀달 지수",
    ),
    "note_hhi": (
        (
            "1: all in one hand; 0.5: two equal ones. Beside the bar stands the largest and its share. "
            "Thin lines: "
            "from what is unknown finely split to what is unknown in one hand."
        ),
        (
            "1は完全な独占、0.5は同規模の2者。棒の右は首位とそのシェア。"
            "細線は不明分を細かく分けた場合から1者に集めた場合まで。"
        ),
        (
            "1은 한 손에 모두, 0.5는 같은 크기의 둘. 막대 옆은 1위와 그 비중. 가는 선은 모르는 몫을 잘게 "
            "나눈 경우부터 한 손에 모은 경우까지."
        ),
    ),
    "hhi": ("Herfindahl index", "ハーフィンダール指数", "허핀달 지수"),
    "largest_one": ("largest: {name}, {value}", "首位：{name}、{value}", "1위: {name}, {value}"),
    "title_treemap": (
        "Who makes it, by share of world output: {stage}",
        "誰が作るか（世界生産シェア）：{stage}",
        "누가 만드는가(세계 생산 비중): {stage}",
    ),
    "note_treemap": (
        (
            "Each product has the same area, for values differ too much to be added up; within it the "
            "area is "
            "the share of the product's world output."
        ),
        "金額は比べられないため各製品の面積は同じです。製品内の面積が世界生産シェアを表します。",
        "금액은 서로 더할 수 없어 제품마다 면적이 같습니다. 제품 안의 면적이 세계 생산 비중입니다.",
    ),
    "title_flows_product": (
        "Who buys {name} from whom",
        "{name}は誰が誰から買うか",
        "{name}: 누가 누구에게서 사는가",
    ),
    "title_flows_firm": (
        "From whom {name} gets its inputs",
        "{name}は投入を誰から得るか",
        "{name}: 투입을 누구에게서 얻는가",
    ),
    "note_flows": (
        (
            "Each name at the right is one whole: how much each buys is not published. Its three largest "
            "suppliers "
            "are drawn, its others together. Pale flows are "
            "assumed, "
            "dark ones observed; most are those of the world market. Grey: nobody knows from whom."
        ),
        (
            "右の各項目は全体を1とし（購買量は非公表）、それぞれ上位3社を示し、ほかはまとめます。"
            "淡い流れは仮定、濃い流れは実測で、"
            "多くは世界市場の数値です。灰色は供給元不明。"
        ),
        (
            "오른쪽 항목은 각각 전체 1이며(구매량은 비공개) 상위 셋을 그리고 나머지는 묶었습니다. 옅은 "
            "흐름은 가정, 짙은 흐름은 관측이며 "
            "대부분 세계 시장 수치입니다. 회색은 알 수 없음."
        ),
    ),
    "elsewhere": ("other countries", "その他の国", "기타 국가"),
    "others_n": ("others ({n})", "その他（{n}）", "기타({n})"),
    "share_of_purchases": ("share of the purchases", "購買に占める割合", "구매 중 비중"),
    "not_drawn": (
        "Not drawn: {n} more. The table holds them all.",
        "図では{n}件を省略。表にはすべて載せています。",
        "그림에서 {n}건을 생략했습니다. 표에는 모두 있습니다.",
    ),
    "title_map_product": (
        "{name}: where it is made, and where it goes",
        "{name}：作られる所と行き先",
        "{name}: 만드는 곳과 가는 곳",
    ),
    "title_map_firm": (
        "{name}: its plants, and where its inputs come from",
        "{name}：工場と投入の調達元",
        "{name}: 공장과 투입의 조달처",
    ),
    "note_map": (
        (
            "Full: the plant's place is known; hollow: only its country is, and all such plants of a country "
            "stand in one ring. The area is the share of the product's world output; a small square: share "
            "unknown. Arrows: the largest flows of the model, 20 at most, each at least a tenth of what a "
            "country (or the firm, over all of its inputs alike) takes; wide for much. They are no routes."
        ),
        (
            "塗りつぶしは工場の所在地が既知、輪は国のみ既知（同じ国はまとめて1つ）。面積は世界生産シェア、"
            "小さな四角はシェア不明。矢印はモデル上の大きな取引（20本まで）で、"
            "その国（企業の場合は全投入の平均）が受け取る量の1割以上。太いほど多い。"
            "輸送経路ではありません。"
        ),
        (
            "채운 원은 공장 위치를 아는 것, 고리는 국가만 아는 것(같은 국가는 하나로 묶음)입니다. 면적은 "
            "세계 생산 비중, 작은 사각형은 비중을 모르는 것. 화살표는 모형의 큰 거래(20개까지)로, 그 "
            "나라(기업이면 모든 투입의 평균)가 받는 양의 10분의 1 이상이며 굵을수록 많습니다. 운송 "
            "경로가 아닙니다."
        ),
    ),
    "borders": (
        "Borders: Natural Earth, public domain; they say nothing about claims to territory.",
        "国境線：Natural Earth（パブリックドメイン）。領有権についての見解を示すものではありません。",
        "국경: Natural Earth(퍼블릭 도메인). 영유권에 대한 견해를 나타내지 않습니다.",
    ),
    "no_place": (
        "Without a place on this map: {names}.",
        "この地図に位置のない国：{names}。",
        "이 지도에 위치가 없는 나라: {names}.",
    ),
    "place_known": ("place known", "所在地が既知", "위치를 앎"),
    "place_country": ("only the country known", "国のみ既知", "국가만 앎"),
    "share_unknown": ("share unknown", "シェア不明", "비중 모름"),
    "title_cuts": (
        "What stops {name}: the smallest sets of closures",
        "{name}を止めるもの：最小の停止の組合せ",
        "{name}을(를) 멈추는 것: 가장 작은 정지 조합",
    ),
    "note_cuts": (
        (
            "Each column is a set: if all of its dots close together, the target loses 95 % or more of "
            "its output "
            "and nobody steps in. No part of a set does that alone. Stocks and time are not counted, and "
            "many "
            "shares are assumed."
        ),
        (
            "各列が1組です。点で示すものが同時に止まると、代替がない場合に対象の生産の95 "
            "%以上が失われます。在庫と時間は含まれず、多くのシェアは仮定です。"
        ),
        (
            "각 열이 한 조합입니다. 점이 모두 함께 멈추면 대체가 없을 때 대상의 생산 95 % 이상을 "
            "잃습니다. 재고와 시간은 들어 있지 않고 많은 비중이 가정입니다."
        ),
    ),
    "left_out": (
        "Not drawn: {rows} more rows and {columns} more columns. The table holds them all.",
        "図では{rows}行・{columns}列を省略。表にはすべて載せています。",
        "그림에서 {rows}행 {columns}열을 생략했습니다. 표에는 모두 있습니다.",
    ),
    "models_use": ("The models use {value}.", "モデルでは{value}とする。", "모형은 {value}로 둡니다."),
    "share_of": ("share of world output", "世界生産シェア", "세계 생산 비중"),
    "share_bought": (
        "share of the largest supplier",
        "最大供給元のシェア",
        "최대 공급사의 비중",
    ),
    "share_lost": ("output lost", "失われる生産", "잃는 생산"),
    "buys_for": ("{supplier} (for {product})", "{supplier}（{product}向け）", "{supplier}({product}용)"),
    # page
    "title_all": (
        "Who needs what: the chain from raw material to end use",
        "何が何に必要か：原料から最終用途までのつながり",
        "무엇이 무엇에 필요한가: 원료에서 최종 용도까지",
    ),
    "title_focus": (
        "{name}: what it needs, and who needs it",
        "{name}：必要とするものと、必要とされる先",
        "{name}: 필요로 하는 것과 필요로 하는 곳",
    ),
    "title_shock": ("What depends on: {name}", "{name}に依存するもの", "{name}에 의존하는 것"),
    "largest": ("Largest losses: {names}.", "損失の大きい製品：{names}。", "손실이 큰 제품: {names}."),
    "shown": (
        (
            "Shown: {products} of {all} products, {needs} needs, {rows} makers by product. "
            "Flows read from left to right."
        ),
        (
            "表示：全{all}製品のうち{products}製品、{needs}件の必要関係、製品別の製造者{rows}件。"
            "流れは左から右です。"
        ),
        (
            "표시: 전체 {all}개 제품 중 {products}개 제품, 필요 관계 {needs}건, 제품별 제조사 {rows}건. "
            "흐름은 왼쪽에서 오른쪽으로 읽습니다."
        ),
    ),
    "families": (
        "Left out because their members are shown: {names}.",
        "構成品目を表示しているため省いた上位製品：{names}。",
        "하위 품목을 표시하므로 생략한 상위 제품: {names}.",
    ),
    "statuses": (
        (
            "Observed figures have a published source; estimated ones are derived from published figures; "
            "assumed ones (marked ?) are the authors' or an equal split of what is unknown."
        ),
        (
            "「実測」は公表された数値、「推計」は公表値からの導出、「仮定」（?印）は作成者の判断または"
            "不明分の等分です。"
        ),
        (
            "'관측'은 공표된 수치, '추정'은 공표 수치에서 도출한 값, '가정'(? 표시)은 작성자의 판단이거나 "
            "알 수 없는 몫을 균등하게 나눈 값입니다."
        ),
    ),
    "structural": (
        (
            "This says who depends. Stocks and time are not in it, and substitutes only where they were "
            "asked for: it is not a forecast of what will be lost."
        ),
        (
            "依存関係を示すものです。在庫と時間は含まれず、代替も指定した場合に限られるため、"
            "実際の損失の予測ではありません。"
        ),
        (
            "의존 관계를 보여 줍니다. 재고와 시간은 들어 있지 않고 대체도 지정한 경우에만 반영되므로 "
            "실제 손실의 예측이 아닙니다."
        ),
    ),
    "licence": (
        "Data: graph {name} ({digest}). Licences of sources: {licences}.",
        "データ：グラフ {name}（{digest}）。出典のライセンス：{licences}。",
        "데이터: 그래프 {name}({digest}). 출처의 라이선스: {licences}.",
    ),
    "licence_none": ("no limits noted", "制限の記載なし", "제한 표시 없음"),
    "made_with": (
        "Made with chainnet {version}.",
        "chainnet {version} で作成。",
        "chainnet {version}으로 작성.",
    ),
    "swipe": (
        "Swipe sideways to see the whole picture.",
        "図は横にスクロールできます。",
        "그림은 옆으로 밀어서 볼 수 있습니다.",
    ),
    "table": ("The figures in the picture", "図の数値", "그림의 수치"),
    "copy": ("Copy table", "表をコピー", "표 복사"),
    "copied": ("Copied", "コピーしました", "복사했습니다"),
    "sort": (
        "A click on a heading sorts the rows.",
        "見出しをクリックすると並べ替えます。",
        "제목을 누르면 정렬됩니다.",
    ),
    # timeline
    "axis_days": ("days after the start", "開始からの日数", "시작 후 일수"),
    "axis_output": ("output, % of normal", "生産（平常時＝100 %）", "생산(평상시 = 100 %)"),
    "told_output": (
        "day %{{x}}: %{{y:.1f}} % of normal",
        "%{{x}}日目：平常時の%{{y:.1f}} %",
        "%{{x}}일째: 평상시의 %{{y:.1f}} %",
    ),
    "recorded": ("recorded: {value}", "実績：{value}", "기록: {value}"),
    # columns of the table
    # over time
    "title_timeline": ("Output day by day: {what}", "日ごとの生産：{what}", "일별 생산: {what}"),
    "note_timeline": (
        (
            "Lines: the model with its own parameters. Bands: 5 % to 95 % of {n} drawings over the "
            "parameters' ranges. Diamonds: what was recorded.\n"
            "Stocks, slack, requalification and licences are counted; many of their numbers are assumed."
        ),
        (
            "線：モデル自身のパラメータによる結果。帯：パラメータの幅から抽出した{n}回の5～95 %。"
            "ひし形：記録された値。\n"
            "在庫・余力・再認定・許可を計算に入れていますが、その数値の多くは仮定です。"
        ),
        (
            "선: 모델 자체 매개변수의 결과. 띠: 매개변수 범위에서 뽑은 {n}회의 5~95 %. 마름모: 기록된 값.\n"
            "재고·여력·재인증·허가를 계산에 넣었으며 그 수치의 다수는 가정입니다."
        ),
    ),
    "col_name": ("What", "対象", "대상"),
    "col_time_to_survive": ("Below 95 % from day", "95 %を割る日", "95 % 아래로 내려가는 날"),
    "col_peak_loss": ("Deepest loss", "最大の損失", "최대 손실"),
    "col_time_to_recover": ("Days until back", "回復までの日数", "회복까지 일수"),
    "col_days_lost": ("Days of output lost", "失われる生産日数", "잃는 생산 일수"),
    # before and after
    "title_compare": ("What partnerships change", "連携は何を変えるか", "파트너십이 바꾸는 것"),
    "note_compare": (
        (
            "Hollow: without the partnership; full: with it, as if it worked today, with the 90 % interval "
            "over the ranges of all that is assumed. Recorded events are taken as if they came today."
        ),
        (
            "白丸：連携なし。黒丸：連携が今日働いているとした場合。線は仮定の幅による90 %区間。"
            "記録された事象は今日起きたものとして扱います。"
        ),
        (
            "빈 점: 파트너십이 없을 때. 찬 점: 오늘 작동한다고 할 때. 선은 가정 범위에 따른 90 % 구간. "
            "기록된 사건은 오늘 일어난 것으로 다룹니다."
        ),
    ),
    "before": ("before", "変更前", "이전"),
    "after": ("after", "変更後", "이후"),
    "change": ("change", "変化", "변화"),
    "change_90": ("change, with its 90 % interval", "変化と90 %区間", "변화와 90 % 구간"),
    "measure_firm": (
        "pairs of buyer and input taken to rest on one firm ({single} or more)",
        "1社に{single}以上頼ると見られる買い手と投入の組",
        "한 기업에 {single} 이상 의존하는 것으로 보이는 구매자와 투입의 쌍",
    ),
    "measure_place": (
        "pairs of buyer and input taken to rest on one foreign country ({single} or more)",
        "外国1か国に{single}以上頼ると見られる買い手と投入の組",
        "외국 한 나라에 {single} 이상 의존하는 것으로 보이는 구매자와 투입의 쌍",
    ),
    "measure_hhi": (
        "mean HHI by country of what makers of devices buy",
        "デバイス製造者の購入の国別HHIの平均",
        "소자 제조사 구매의 국가별 HHI 평균",
    ),
    "measure_stop": (
        "single firms that stop a device maker (loss of {stopped} or more)",
        "単独でデバイス製造者を止める企業（損失{stopped}以上）",
        "홀로 소자 제조사를 멈추는 기업(손실 {stopped} 이상)",
    ),
    "measure_two": (
        "pairs of firms that together stop a device maker, and neither alone",
        "2社そろうとデバイス製造者を止め、単独では止めない組",
        "둘이 함께면 소자 제조사를 멈추고 홀로는 못 멈추는 기업 쌍",
    ),
    "measure_days": (
        "mean days of device output lost",
        "失われるデバイス生産日数の平均",
        "잃는 소자 생산 일수 평균",
    ),
    "measure_lasts": (
        "mean days until device output falls below {stopped}",
        "デバイス生産が{stopped}を割るまでの日数の平均",
        "소자 생산이 {stopped} 아래로 내려가기까지의 일수 평균",
    ),
    "measure_loss": (
        "loss of {name} under {what}",
        "{what}による{name}の損失",
        "{what}에 따른 {name}의 손실",
    ),
    "measure_one_firm": (
        "products made by one firm ({single} or more)",
        "1社が{single}以上作る製品",
        "한 기업이 {single} 이상 만드는 제품",
    ),
    "measure_one_country": (
        "products made in one country ({single} or more)",
        "1か国が{single}以上作る製品",
        "한 나라가 {single} 이상 만드는 제품",
    ),
    "measure_hhi_firm": ("mean HHI by firm", "企業別HHIの平均", "기업별 HHI 평균"),
    "measure_hhi_country": ("mean HHI by country", "国別HHIの平均", "국가별 HHI 평균"),
    "no_effect": ("no known effect", "知られた効果なし", "알려진 효과 없음"),
    "col_partnership": ("Partnership", "連携", "파트너십"),
    "col_measure": ("Measure", "指標", "지표"),
    "col_before": ("Before", "変更前", "이전"),
    "col_after": ("After", "変更後", "이후"),
    "col_change": ("Change", "変化", "변화"),
    "col_stage": ("Stage", "段階", "단계"),
    "col_product": ("Product", "製品", "제품"),
    "col_maker": ("Maker", "製造者", "제조사"),
    "col_country": ("Country", "生産国", "생산국"),
    "col_share": ("Share", "シェア", "비중"),
    "col_low": ("At least", "下限", "하한"),
    "col_high": ("At most", "上限", "상한"),
    "col_year": ("Year", "年", "연도"),
    "col_status": ("Status", "確度", "확실도"),
    "col_loss": ("Output lost", "失われる生産", "잃는 생산"),
    "col_exposure": ("Capital exposure", "資本財の影響", "자본재 노출"),
    "col_buyer": ("Buyer", "買い手", "구매자"),
    "col_input": ("Input", "投入", "투입"),
    "col_supplier": ("Supplier", "供給元", "공급사"),
    "col_closure": ("Firm that closes", "停止する企業", "멈추는 기업"),
    "col_target": ("Maker that loses", "生産を失う企業", "생산을 잃는 기업"),
    "col_hhi": ("HHI", "HHI", "HHI"),
    "col_leader": ("Largest", "首位", "1위"),
    "col_cr1": ("Its share", "首位のシェア", "1위의 비중"),
    "col_unknown": ("Unknown", "不明", "알 수 없음"),
    "col_site": ("Place", "所在地", "위치"),
    "col_set": ("Set", "組", "조합"),
    "col_closures": ("Close together", "同時に停止", "함께 정지"),
    "col_source": ("Source", "出典", "출처"),
}

_COUNTRIES: dict[str, tuple[str, str, str]] = {
    "AUS": ("Australia", "オーストラリア", "호주"),
    "AUT": ("Austria", "オーストリア", "오스트리아"),
    "BEL": ("Belgium", "ベルギー", "벨기에"),
    "CAN": ("Canada", "カナダ", "캐나다"),
    "CHE": ("Switzerland", "スイス", "스위스"),
    "CHN": ("China", "中国", "중국"),
    "DEU": ("Germany", "ドイツ", "독일"),
    "DZA": ("Algeria", "アルジェリア", "알제리"),
    "FRA": ("France", "フランス", "프랑스"),
    "GBR": ("United Kingdom", "英国", "영국"),
    "IRL": ("Ireland", "アイルランド", "아일랜드"),
    "ISR": ("Israel", "イスラエル", "이스라엘"),
    "ITA": ("Italy", "イタリア", "이탈리아"),
    "JPN": ("Japan", "日本", "일본"),
    "KOR": ("Korea", "韓国", "한국"),
    "MEX": ("Mexico", "メキシコ", "멕시코"),
    "MYS": ("Malaysia", "マレーシア", "말레이시아"),
    "NLD": ("Netherlands", "オランダ", "네덜란드"),
    "NOR": ("Norway", "ノルウェー", "노르웨이"),
    "PHL": ("Philippines", "フィリピン", "필리핀"),
    "QAT": ("Qatar", "カタール", "카타르"),
    "RUS": ("Russia", "ロシア", "러시아"),
    "SGP": ("Singapore", "シンガポール", "싱가포르"),
    "THA": ("Thailand", "タイ", "태국"),
    "TWN": ("Taiwan", "台湾", "대만"),
    "UKR": ("Ukraine", "ウクライナ", "우크라이나"),
    "USA": ("United States", "米国", "미국"),
    "VNM": ("Vietnam", "ベトナム", "베트남"),
}


say = Phrases(_WORDS)


def spoken(key: str, text: str, lang: Lang) -> str:
    """Return a phrase in a language, or the text where there is no such phrase.

    Parameters
    ----------
    key
        Which phrase.
    text
        What is said instead.
    lang
        Language.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> spoken("device", "device", "ko"), spoken("resist_all", "resist_all", "ko")
    ('반도체 소자', 'resist_all')
    """
    return say(key, lang) if key in _WORDS else text


def country_name(code: str, lang: Lang) -> str:
    """Return the name of a country; its code where there is none in this language.

    Parameters
    ----------
    code
        ISO 3166 alpha-3.
    lang
        Language.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> country_name("JPN", "ja")
    '日本'
    """
    return _COUNTRIES[code][LANGS.index(lang)] if code in _COUNTRIES else code


def percent(value: float) -> str:
    """Write a share the way people read it: no more digits than it has.

    Parameters
    ----------
    value
        Share; NaN is unknown.

    Returns
    -------
    str
        Such as ``27 %``; ``<1 %`` for little, ``>99 %`` for nearly all.

    Examples
    --------
    >>> percent(0.266), percent(0.004), percent(0.9999), percent(1.0)
    ('27 %', '<1 %', '>99 %', '100 %')
    """
    if math.isnan(value):
        return "–"
    if 0 < value < 0.005:
        return "<1 %"
    if 0.995 <= value < 1 - 1e-9:
        return ">99 %"
    return f"{100 * value:.0f} %"


def minus(loss: float) -> str:
    """Write a loss.

    Parameters
    ----------
    loss
        Share of the output that is lost.

    Returns
    -------
    str
        Such as ``−27 %``.

    Examples
    --------
    >>> minus(0.27), minus(0.999), minus(0.001)
    ('−27 %', '>99 %', '<1 %')
    """
    text = percent(loss)
    return text if text[0] in "<>" else f"−{text}"


def hedged(value: float, status: str) -> str:
    """Write a share so that its status shows: ``27 %``, ``≈27 %`` estimated, ``27 %?`` assumed.

    Parameters
    ----------
    value
        Share.
    status
        observed, estimated or assumed.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> hedged(0.27, "estimated"), hedged(0.27, "assumed")
    ('≈27 %', '27 %?')
    """
    text = percent(value)
    if text == "–":
        return text
    return {"observed": text, "estimated": f"≈{text}", "assumed": f"{text}?"}[status]
