"""The words of the explorer, in English, Japanese and Korean."""

from __future__ import annotations

from chainnet.figures.words import Phrases

_WORDS: dict[str, tuple[str, str, str]] = {
    "title": ("chainnet explorer", "chainnet エクスプローラ", "chainnet 탐색기"),
    "lead": (
        "What stops if something stops, when, and which partnership would help? Choose on the left.",
        "何かが止まると何が、いつ止まり、どの連携が役立つか。左で選んでください。",
        "무엇이 멈추면 무엇이 언제 멈추고, 어떤 파트너십이 도움이 되는가? 왼쪽에서 고르세요.",
    ),
    "happens": ("What happens", "何が起きるか", "무슨 일이 일어나는가"),
    "event": ("A recorded event", "記録された事象", "기록된 사건"),
    "own": ("or a shock of your own", "または自分で決めるショック", "또는 직접 정하는 충격"),
    "own_note": (
        "All that you choose must hold: firm Samsung and product DRAM is Samsung's DRAM.",
        "選んだ条件をすべて満たすものが対象です（企業サムスン＋製品DRAM＝サムスンのDRAM）。",
        "고른 조건을 모두 만족하는 것이 대상입니다(기업 삼성 + 제품 DRAM = 삼성의 DRAM).",
    ),
    "firm": ("Firm", "企業", "기업"),
    "product": ("Product", "製品", "제품"),
    "country": ("Country", "国", "국가"),
    "region": ("Region", "地域", "지역"),
    "importer": (
        "Sells nothing to (export control)",
        "販売を止める相手（輸出管理）",
        "판매를 멈추는 상대(수출 통제)",
    ),
    "left": ("What is left, in %", "残る能力（%）", "남는 능력(%)"),
    "start": ("From day", "開始日（日目）", "시작일"),
    "lasts": ("For days (blank: for good)", "日数（空欄：恒久）", "일수(빈칸: 영구)"),
    "another": ("Add another shock", "ショックを追加", "충격 추가"),
    "kept": ("And these", "追加したショック", "추가한 충격"),
    "drop": ("Take out {what}", "{what}を外す", "{what} 빼기"),
    "partnerships": ("Partnerships", "連携", "파트너십"),
    "in_force": (
        "In force (untick: as if it did not exist)",
        "実施中（外すと存在しない場合）",
        "시행 중(해제하면 없었을 경우)",
    ),
    "possible": (
        "Not in the graph (tick: as if it worked today)",
        "グラフ外（選ぶと今日働いている場合）",
        "그래프에 없음(선택하면 오늘 작동하는 경우)",
    ),
    "no_effect": (
        "{n} more have no known effect.",
        "ほか{n}件は効果が知られていません。",
        "그 외 {n}건은 알려진 효과가 없습니다.",
    ),
    "looks": ("What you look at", "何を見るか", "무엇을 볼 것인가"),
    "focus": ("Whose losses", "誰の損失か", "누구의 손실인가"),
    "everybody": ("All chips and end uses", "全デバイスと最終用途", "모든 소자와 최종 용도"),
    "days": (
        "Days to look at (blank: the event's, or 365)",
        "見る日数（空欄：事象の日数か365）",
        "볼 일수(빈칸: 사건의 일수 또는 365)",
    ),
    "span": ("days {start}–{end}", "{start}～{end}日目", "{start}~{end}일"),
    "for_good": ("from day {start}", "{start}日目から", "{start}일부터"),
    "reset": ("Start again", "最初から", "처음부터"),
    "save": ("Scenario file", "シナリオファイル", "시나리오 파일"),
    "save_note": (
        "`chainnet run FILE` gives the same numbers; the address of this page keeps them, too.",
        "`chainnet run FILE` で同じ数値になります。このページのアドレスにも保存されています。",
        "`chainnet run FILE`이 같은 수치를 냅니다. 이 페이지의 주소에도 담겨 있습니다.",
    ),
    "report": ("Report to mail (HTML)", "送付用レポート（HTML）", "보낼 보고서(HTML)"),
    "answer": ("Answer", "答え", "답"),
    "nothing_yet": (
        "Nothing happens yet. The picture shows who makes what, and what needs it.",
        "まだ何も起きていません。図は誰が何を作り、何がそれを必要とするかを示します。",
        "아직 아무 일도 없습니다. 그림은 누가 무엇을 만들고 무엇이 그것을 필요로 하는지 보여 줍니다.",
    ),
    "examples": ("For example:", "例：", "예:"),
    "drawing": (
        "The interval over the parameters' ranges follows in a moment.",
        "パラメータの幅による区間はまもなく表示されます。",
        "매개변수 범위에 따른 구간이 곧 표시됩니다.",
    ),
    "timeline": ("Output day by day", "日ごとの生産", "일별 생산"),
    "losses": ("Losses", "損失", "손실"),
    "network": ("Where it spreads", "どこへ広がるか", "어디로 퍼지는가"),
    "chain": ("Who makes what", "誰が何を作るか", "누가 무엇을 만드는가"),
    "compare": ("What the partnerships change", "連携が変えること", "파트너십이 바꾸는 것"),
    "compare_days": (
        "days of output lost, {what}",
        "失われる生産日数：{what}",
        "잃는 생산 일수: {what}",
    ),
    "compare_none": (
        "The days lost stay the same.",
        "失われる日数は変わりません。",
        "잃는 일수는 그대로입니다.",
    ),
    "structure": ("Dependence itself", "依存の構造", "의존 구조"),
    "same": ("Nothing changes here.", "変化はありません。", "변화가 없습니다."),
    "taken": ("What they are taken to do", "前提とする効果", "가정하는 효과"),
    "assumptions": ("How to read it", "読み方", "읽는 법"),
    "cannot": (
        "This cannot be shown: {why}",
        "表示できません：{why}",
        "표시할 수 없습니다: {why}",
    ),
    "bad_address": (
        "The address of this page could not be read, so it was left aside: {why}",
        "このページのアドレスを読み取れないため、無視しました：{why}",
        "이 페이지의 주소를 읽을 수 없어 무시했습니다: {why}",
    ),
    "none": ("(none)", "（なし）", "(없음)"),
    "search": ("Search", "検索", "검색"),
    "clear": ("Clear", "消去", "지우기"),
    "no_options": ("Nothing found", "見つかりません", "찾을 수 없음"),
    "skip": ("To the answer", "答えへ移動", "답으로 이동"),
    "language": ("Language", "言語", "언어"),
    "actual": ("actual", "実施", "실시"),
    "proposed": ("proposed", "提案", "제안"),
}

word = Phrases(_WORDS)
