"""The packs that come with the program say what the sources say, and faulty ones are refused."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from domain.kinds import KINDS
from domain.law.deadline_rules import Qualifier
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment
from domain.law.periods import TimeUnit
from domain.law.policy import ApplicantKind, Policy, Recipient, RecusalGround, Step, Track
from domain.law.rules import Rules
from domain.law.situations import Role
from domain.refusals import Code, Refusal
from gateway.files import RulebookFault
from gateway.rulebook import EVENT_NAMES, Rulebook, companion_in, policies, policy_in
from tests.support.examples import HUBEI, PACKS, RULEBOOK, WUYANG, YOUXIAN

WD = TimeUnit.WORKING_DAY


# --- what the sources say (domain notes 10.10) ------------------------------------------------


def test_the_packs_of_the_sources_come_with_the_program() -> None:
    assert [*policies()] == [
        "generic.1",
        "huangshi.1",
        "hubei_2022.1",
        "hubei_soe_2024.1",
        "hubei_twelve_articles.1",
        "jingmen.1",
        "shiyan.1",
        "wuyang_2017.1",
        "xiangyang.1",
        "xianning.1",
        "yichang.1",
        "youxian_2017.1",
    ]


def test_the_twelve_articles_exempt_in_five_situations_and_mitigate_in_four() -> None:
    policy = RULEBOOK("hubei_twelve_articles").policy
    assert logic(policy) == {Role.EXEMPTING: (5, "any", True), Role.MITIGATING: (4, "any", True)}
    assert (policy.document, policy.in_force.since, policy.in_force.begins()) == (None, None, None)


def test_what_mitigates_does_not_exempt_and_what_exempts_may_mitigate() -> None:
    rules = RULEBOOK("hubei_twelve_articles")
    mitigating, exempting = {"HL-2.1": True}, {"HL-1.3": True}
    assert rules.unmet(mitigating, Outcome.EXEMPTION) != []
    assert rules.unmet(mitigating, Outcome.MITIGATION) == []
    assert rules.unmet(exempting, Outcome.EXEMPTION) == []
    assert rules.unmet(exempting, Outcome.MITIGATION) == []


@pytest.mark.parametrize(
    ("rules", "document", "region", "since"),
    [
        (HUBEI, "鄂办发〔2022〕19号", "42", "2022-07"),
        (WUYANG, "舞发〔2017〕3号", "411121", "2017"),
        (YOUXIAN, "绵游委办发〔2017〕29号", "510704", "2017-06-27"),
    ],
    ids=PACKS,
)
def test_a_pack_names_its_document_its_place_and_its_day(
    rules: Rules, document: str, region: str, since: str
) -> None:
    policy = rules.policy
    assert (policy.document, policy.jurisdiction.region) == (document, region)
    assert policy.in_force.since == since


def logic(policy: Policy) -> dict[Role, tuple[int, str | None, bool]]:
    return {each.role: (len(each.items), each.match, each.confirmed) for each in policy.lists}


def test_hubei_only_counts_its_situations() -> None:
    assert logic(HUBEI.policy) == {
        Role.TOLERATING: (8, None, False),
        Role.EXEMPTING: (4, None, False),
        Role.MITIGATING: (3, None, False),
        Role.EXCLUDING: (4, "any", False),
    }
    items = [item for each in HUBEI.policy.lists for item in each.items]
    assert {(item.label, item.article) for item in items} == {(None, None)}


def test_wuyang_wants_all_of_four_and_none_of_six() -> None:
    assert logic(WUYANG.policy) == {
        Role.TOLERATING: (4, "all", False),  # that all must hold is read into the text
        Role.EXCLUDING: (6, "any", True),
    }


def test_youxian_wants_any_of_ten() -> None:
    assert logic(YOUXIAN.policy) == {Role.TOLERATING: (10, "any", True)}


@pytest.mark.parametrize("rules", [WUYANG, YOUXIAN], ids=["wuyang", "youxian"])
def test_what_a_known_text_lists_has_article_and_label(rules: Rules) -> None:
    for each in rules.policy.lists:
        for item in each.items:
            assert item.article
            assert item.article.startswith(each.article or "?")
            assert item.label


@pytest.mark.parametrize(
    ("rules", "rule", "told"),
    [
        (WUYANG, "answer", (7, WD, Qualifier.MUST, "第七条（二）")),
        (WUYANG, "deferral", (30, WD, Qualifier.GENERALLY, "第七条（二）")),
        (WUYANG, "filing", (None, None, Qualifier.PROMPTLY, "第七条（三）")),
        (WUYANG, "follow_up", (6, TimeUnit.MONTH, Qualifier.MUST, "第九条")),
        (YOUXIAN, "public_notice", (7, WD, Qualifier.PERIOD, "第八条（三）")),
        (YOUXIAN, "feedback_applicant", (None, None, Qualifier.PROMPTLY, "第八条（四）")),
        (YOUXIAN, "feedback_personnel", (None, None, Qualifier.PROMPTLY, "第八条（四）")),
        (HUBEI, "feedback", (None, None, Qualifier.UNSTATED, None)),
        (HUBEI, "follow_up", (None, None, Qualifier.UNSTATED, None)),
    ],
)
def test_time_limits_are_those_of_the_text(
    rules: Rules, rule: str, told: tuple[int | None, TimeUnit | None, Qualifier, str | None]
) -> None:
    found = rules.policy.deadline(rule)
    assert (found.amount, found.unit, found.qualifier, found.article) == told


def test_hubei_has_no_time_limit_with_a_number() -> None:
    assert [each.amount for each in HUBEI.policy.deadlines if each.amount] == []


def test_the_window_is_wuyangs_alone() -> None:
    window = WUYANG.policy.application.window
    assert window is not None
    assert (window.amount, window.unit, window.article) == (7, WD, "第七条（一）")
    assert [each.policy.application.window for each in (HUBEI, YOUXIAN)] == [None, None]


@pytest.mark.parametrize(("rule", "confirmed"), [("answer", False), ("deferral", False)])
def test_where_a_limit_begins_is_an_interpretation_and_said_to_be(
    rule: str, confirmed: bool
) -> None:
    found = WUYANG.policy.deadline(rule)
    assert found.confirmed == confirmed
    assert "两解" in (found.interpretation or "")


def test_the_half_year_does_not_roll() -> None:
    assert not WUYANG.policy.deadline("follow_up").roll


def test_who_may_apply_and_on_which_track() -> None:
    party, unit, person = (
        ApplicantKind.PARTY_COMMITTEE,
        ApplicantKind.UNIT,
        ApplicantKind.PERSON,
    )
    assert {*WUYANG.policy.application.by} == {party}
    assert {*YOUXIAN.policy.application.by} == {person, unit}
    assert {*HUBEI.policy.tracks} == {*Track}  # 双轨制
    assert {*WUYANG.policy.tracks} == {*YOUXIAN.policy.tracks} == {Track.APPLICATION}


def test_steps_are_those_of_the_text() -> None:
    assert [each.label for each in HUBEI.policy.steps if each.required] == [
        "容错启动",
        "调查核实",
        "征求意见",
        "决定处置",
        "反馈结论",
    ]
    optional = {
        name: {each.step for each in rules.policy.steps if not each.required}
        for name, rules in PACKS.items()
    }
    assert optional == {
        "hubei": {Step.CONSULTATION},
        "wuyang": set(),
        "youxian": {Step.PUBLIC_NOTICE, Step.FILING},
    }


def test_what_only_one_instrument_knows() -> None:
    def those_with(has: Callable[[Policy], object]) -> set[str]:
        return {name for name, rules in PACKS.items() if has(rules.policy)}

    assert those_with(lambda it: it.public_notice) == {"youxian"}
    assert those_with(lambda it: it.deferral) == {"wuyang"}
    assert those_with(lambda it: it.acceptance.co_signed_by_accountability_organ) == {"youxian"}
    assert those_with(lambda it: it.six_factors == "required") == {"hubei"}
    assert those_with(lambda it: it.transition.rule != "none_stated") == {"wuyang"}
    assert those_with(lambda it: it.permitted) == {"wuyang", "youxian"}


def test_filing_follows_the_authority_over_the_cadre() -> None:
    assert YOUXIAN.policy.deadline("filing").managed_by == "区委"
    assert WUYANG.policy.deadline("filing").managed_by is None
    assert not any(each.id == "filing" for each in HUBEI.policy.deadlines)


def test_in_wuyang_only_an_organizational_measure_can_be_waived() -> None:
    waived = {
        sanction
        for sanction in Sanction
        if WUYANG.permits(Outcome.EXEMPTION, Treatment(sanction=sanction, relief=Relief.WAIVED))
    }
    assert waived == {Sanction.ORGANIZATIONAL}


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
def test_the_ladder_is_marked_as_practice_and_not_law(rules: Rules) -> None:
    assert not rules.policy.ladder.confirmed
    assert "未规定" in rules.policy.ladder.basis
    assert rules.policy.ladder.reminders_before == (3, 1)


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
def test_a_pack_admits_what_it_does_not_know(rules: Rules) -> None:
    assert rules.policy.blanks


# --- packs over a parent, and packs of the cities ---------------------------------------------


def pack(name: str) -> Policy:
    return RULEBOOK(name).policy


CITIES = ("shiyan", "xianning", "jingmen", "huangshi", "xiangyang", "yichang", "hubei_soe_2024")


@pytest.mark.parametrize("name", CITIES)
def test_a_city_fills_out_the_province_and_says_only_what_differs(name: str) -> None:
    child, province = pack(name), HUBEI.policy
    assert child.parent == "hubei_2022.1"
    assert child.in_force.since != province.in_force.since
    assert (child.deadlines, child.team, child.tracks) == (
        province.deadlines,
        province.team,
        province.tracks,
    )
    assert {each.id for each in province.lists} <= {each.id for each in child.lists}


def test_only_what_adds_a_list_that_tolerates_is_marked_as_widening() -> None:
    marked = {
        each.id: [override.at for override in each.overrides]
        for each in RULEBOOK.policies.values()
        if each.overrides
    }
    assert marked == {"huangshi": ["lists.aspects"], "hubei_soe_2024": ["lists.soe_matters"]}


@pytest.mark.parametrize("name", ["shiyan", "xianning"])
def test_two_cities_have_six_steps_of_their_own_names_each_in_its_place(name: str) -> None:
    steps = pack(name).steps
    named = [each.label for each in steps if each.step not in {Step.OPINIONS, Step.CONSULTATION}]
    assert named == ["申请", "受理", "核实", "认定", "报审", "反馈"]
    assert [each.step for each in steps] == [
        each for each in Step if each in {s.step for s in steps}
    ]


def test_jingmen_has_a_committee_of_seven_circles_whose_vote_no_source_tells() -> None:
    committee = pack("jingmen").committee
    assert committee is not None
    assert len(committee.seats) == 7
    assert (committee.quorum.at_least, committee.quorum.carried_by) == (None, None)


def test_huangshi_counts_nine_aspects_in_four_fields_and_does_not_tell_them() -> None:
    (aspects,) = [each for each in pack("huangshi").lists if each.id == "aspects"]
    assert (len(aspects.items), len(aspects.fields), aspects.match) == (9, 4, None)
    assert {item.label for item in aspects.items} == {None}


def test_only_yichang_and_the_open_pack_know_a_report_before_the_act() -> None:
    known = {each.id for each in RULEBOOK.policies.values() if each.risk_filing}
    assert known == {"yichang", "generic"}


def test_the_soe_list_is_known_to_be_and_not_known_in_content() -> None:
    (matters,) = [each for each in pack("hubei_soe_2024").lists if each.id == "soe_matters"]
    assert (matters.role, matters.items) == (Role.EXEMPTING, ())


@pytest.mark.parametrize("name", ["xiangyang", "yichang", "huangshi"])
def test_what_three_cities_exclude_alike_is_listed_for_each(name: str) -> None:
    (excluded,) = [each for each in pack(name).lists if each.id == "excluded_here"]
    assert (excluded.role, excluded.match, len(excluded.items)) == (Role.EXCLUDING, "any", 2)


def test_xiangyangs_three_lists_are_named_and_exclude_nothing_yet() -> None:
    named = [each for each in pack("xiangyang").lists if each.label]
    assert len(named) == 3
    assert {each.items for each in named} == {()}


def test_the_open_pack_demands_nothing_and_allows_every_way_in() -> None:
    generic = pack("generic")
    assert {*generic.tracks} == {*Track}
    assert {*generic.application.by} == {*ApplicantKind}
    assert not any(each.required for each in generic.steps)
    assert (generic.lists, generic.permitted, generic.approvals) == ((), None, ())
    assert generic.suspension is not None
    assert {each.confirmed for each in generic.deadlines} == {False}


def test_only_the_open_pack_has_the_accountability_organ_stand_back() -> None:
    grounds = {
        each.id
        for each in RULEBOOK.policies.values()
        if RecusalGround.ACCOUNTABILITY_ORGAN in each.team.recusal
    }
    assert grounds == {"generic"}


# --- what the sources say of the rest ---------------------------------------------------------


def test_two_officers_are_wanted_by_a_law_outside_the_instruments() -> None:
    for rules in PACKS.values():
        team = rules.policy.team
        assert (team.at_least, team.confirmed) == (2, False)
        assert "监察法第四十四条" in (team.article or "")


def test_a_written_application_is_wanted_where_the_text_says_so() -> None:
    wanted = {
        name: [each.article for each in rules.policy.documents] for name, rules in PACKS.items()
    }
    assert wanted == {"hubei": [], "wuyang": ["第七条（一）"], "youxian": ["第八条（一）"]}


def test_who_is_told_the_result_is_who_the_text_names() -> None:
    told = {
        name: [each.recipient for each in rules.policy.notification]
        for name, rules in PACKS.items()
    }
    assert told == {
        "hubei": [],
        "wuyang": [Recipient.APPLICANT],
        "youxian": [Recipient.APPLICANT, Recipient.PERSONNEL_ORGAN],
    }


def test_more_than_one_grade_off_a_party_sanction_goes_to_the_province_and_above() -> None:
    for rules in PACKS.values():
        (approval,) = rules.policy.approvals
        assert (approval.when.sanctions, approval.when.reduced_beyond) == ((Sanction.PARTY,), 1)
        assert (approval.level, approval.article) == (
            "province",
            "中国共产党纪律处分条例第二十三条",
        )


def test_only_youxian_bars_the_same_error_again_and_doubts_its_own_catch_all() -> None:
    assert YOUXIAN.policy.repeated_error is not None
    assert YOUXIAN.policy.repeated_error.article == "第十二条"
    assert YOUXIAN.policy.catch_all == "collegial_review"
    assert {HUBEI.policy.repeated_error, WUYANG.policy.repeated_error} == {None}


def test_a_notice_begun_again_runs_for_one_subject_as_long_as_the_first() -> None:
    first, again = (YOUXIAN.policy.deadline(f"public_notice{tail}") for tail in ("", "_again"))
    assert (again.amount, again.unit, again.qualifier) == (
        first.amount,
        first.unit,
        first.qualifier,
    )
    assert (first.per, again.per, again.confirmed) == ("case", "subject", False)


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
def test_a_determination_that_ended_leaves_no_duty_behind_but_to_restore(rules: Rules) -> None:
    ended = "tolerance.determination-ended"
    for rule in rules.policy.deadlines:
        if rule.opens_on.startswith("tolerance.determined"):
            assert ended in rule.lapses_on
    assert rules.policy.deadline("restoration").opens_on == f"{ended}:to_restore"


def test_a_deferral_ends_in_a_determination_or_a_conclusive_opinion() -> None:
    assert WUYANG.policy.deadline("deferral").met_by == (
        "tolerance.determined",
        "tolerance.conclusive-opinion-issued",
    )


# --- companion instruments --------------------------------------------------------------------

COMPANIONS = files("domain.law") / "packs" / "companions"


def test_what_wuyang_and_youxian_issued_on_sibling_matters_comes_with_the_program() -> None:
    of_packs = {
        pack: {each.kind for each in RULEBOOK.companions.values() if each.issued_with == pack}
        for pack in ("wuyang_2017.1", "youxian_2017.1")
    }
    assert of_packs == {
        "wuyang_2017.1": {"rectification", "accountability", "follow_up"},
        "youxian_2017.1": {"rectification", "clarification", "false_accusation"},
    }


def test_every_kind_of_matter_has_an_instrument_to_stand_on() -> None:
    assert {each.kind for each in RULEBOOK.companions.values()} == {*KINDS}


def test_every_companion_that_names_another_instrument_names_one_there_is() -> None:
    named = {each.issued_with for each in RULEBOOK.companions.values()} - {None}
    assert named <= RULEBOOK.policies.keys()


@pytest.mark.parametrize("name", RULEBOOK.companions)
def test_a_companion_cites_an_article_for_nothing_but_its_own_events(name: str) -> None:
    companion = RULEBOOK.companions[name]
    of = {each.partition(".")[0] for each in companion.clauses}
    assert of <= {companion.kind}


@pytest.mark.parametrize("name", RULEBOOK.companions)
def test_a_limit_of_a_companion_is_opened_and_met_by_events_of_its_own_kind(name: str) -> None:
    companion = RULEBOOK.companions[name]
    named = {
        event.partition(".")[0]
        for rule in companion.deadlines
        for events in rule.named().values()
        for event in events
    }
    assert named <= {companion.kind}


def test_the_correction_notice_is_followed_by_a_talk_within_seven_working_days() -> None:
    talk = RULEBOOK.companions["wuyang_prevention_2017.1"].deadline("talk")
    assert (talk.amount, talk.unit, talk.starts, talk.article) == (7, WD, "sending", "第六条")


def test_organizational_formalities_are_done_within_a_month() -> None:
    formalities = RULEBOOK.companions["wuyang_accountability_2017.1"].deadline("formalities")
    found = (formalities.amount, formalities.unit, formalities.article, formalities.confirmed)
    assert found == (1, TimeUnit.MONTH, "第八条", False)


def test_a_companion_of_no_kind_there_is_is_refused_with_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("kind: praise\nid: some\n", "utf-8")
    with pytest.raises(RulebookFault, match=r"第 1 行，kind：只能写 .*accountability"):
        companion_in(file)


BROKEN = {
    "event": ("inquiry.answered: ", "inquiry.replied: ", "没有事件 inquiry.replied"),
    "limit": ("opens_on: inquiry.letter-sent", "opens_on: inquiry.lost", "没有事件 inquiry.lost"),
    "start": ("starts: sending", "starts: finding", "没有这一天，只能写 occurrence、sending"),
    "twice": ("id: supplement\n", "id: reply\n", "期限 reply 写了不止一次"),
    "long": ("amount: 15", "amount: 99999", "超过十年"),
    "stated": (
        "amount: 15\n    unit: working_day",
        "amount: null\n    unit: null\n    stated: day",
        "没有 day 这一项",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_companion_is_refused_with_what_to_write(fault: str, tmp_path: Path) -> None:
    whole = (COMPANIONS / "hubei_twelve_inquiry.yaml").read_text("utf-8")
    right, wrong, told = BROKEN[fault]
    assert right in whole
    file = tmp_path / "inquiry.yaml"
    file.write_text(whole.replace(right, wrong, 1), "utf-8")
    with pytest.raises(RulebookFault, match=told):
        companion_in(file)


# --- finding a pack ---------------------------------------------------------------------------


def test_an_instrument_is_found_by_edition_or_in_its_newest(tmp_path: Path) -> None:
    second = PACK.replace("edition: 1\n", "edition: 2\n")
    (tmp_path / "wuyang_2017_second.yaml").write_text(second, "utf-8")
    book = Rulebook.packaged(tmp_path)
    assert book("wuyang_2017").policy.reference == "wuyang_2017.2"
    assert book("wuyang_2017.1").policy == WUYANG.policy


def test_an_unknown_instrument_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refusal, match=r"wuyang_2017\.1") as refused:
        RULEBOOK("wuyang_2018")
    assert refused.value.code == Code.UNKNOWN_POLICY


def test_two_packs_may_not_claim_one_edition(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(PACK, "utf-8")
    with pytest.raises(RulebookFault, match=r"b\.yaml，edition：wuyang_2017\.1 已有一份"):
        policies(tmp_path)


# --- faulty packs -----------------------------------------------------------------------------

PACK = (files("domain.law") / "packs" / "wuyang_2017.yaml").read_text("utf-8")


def refused(tmp_path: Path, content: bytes) -> RulebookFault:
    """Why a pack with this content is refused; the fault names the file, and the key apart."""
    file = tmp_path / "some.yaml"
    file.write_bytes(content)
    with pytest.raises(RulebookFault) as fault:
        policy_in(file)
    assert fault.value.file == "some.yaml"
    assert f"{fault.value.key}：{fault.value.remedy}" in str(fault.value)
    assert str(fault.value).startswith("some.yaml，")
    return fault.value


def test_the_pack_the_faults_are_made_of_is_a_good_one(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text(PACK, "utf-8")
    assert policy_in(file) == WUYANG.policy


NUMBER = "amount: 7\n    unit: working_day\n    roll: true"


@pytest.mark.parametrize(
    ("good", "bad", "key", "remedy"),
    [
        ("six_factors: optional\n", "", "six_factors", "缺这一项"),
        ("    items:\n", "    itmes:\n", "lists.conditions.items", "缺这一项"),
        ("edition: 1\n", "edition: 1\ncolour: red\n", "colour", "没有这一项"),
        ("edition: 1\n", "edition: first\n", "edition", "请写整数"),
        ("[lighter, reduced]", "[lighter, forgiven]", "permitted.party.reliefs.1", "'waived'"),
        ("by: [party_committee]", "by: [party]", "application.by.0", "'party_committee'"),
        ("match: all", "match: every", "lists.conditions.match", "只能写 'any'、'all'"),
        ("step: filing", "step: storing", "steps.storing.step", "'filing'"),
        ('since: "2017"', 'since: "in 2017"', "in_force.since", "写法不合格式"),
        ('since: "2017"', 'since: "2017-13"', "in_force.since", "没有 2017-13 这一天"),
        ("required: true", "required: yes", "steps.initiation.required", "请写 true 或 false"),
        ("amount: 30", "amount: -30", "deadlines.deferral.amount", "须大于零"),
        ("[3, 1]", "[-3, 1]", "ladder.reminders_before.0", "不能是负数"),
        (
            "result-notified:applicant",
            "result-notified:aplicant",
            "deadlines.answer.met_by",
            "没有事件 tolerance.result-notified:aplicant",
        ),
        ("id: WY-C2", "id: WY-C1", "WY-C1", "清单条目 WY-C1 写了不止一次"),
        ("id: WY-N1", "id: WY-C1", "WY-C1", "清单条目 WY-C1 写了不止一次"),  # across lists
        ("id: exclusions", "id: conditions", "conditions", "清单 conditions 写了不止一次"),
        ("- id: filing", "- id: answer", "answer", "期限 answer 写了不止一次"),
        ("step: filing", "step: acceptance", "acceptance", "步骤 acceptance 写了不止一次"),
        ("qualifier: must", "qualifier: promptly", "deadlines.answer", "期限 answer：promptly"),
        (NUMBER, NUMBER.replace("7", "null"), "deadlines.answer", "期限 answer：promptly"),
        (
            NUMBER,
            NUMBER.replace("working_day", "null"),
            "deadlines.answer",
            "期限 answer：promptly",
        ),
        ("{rule: deferral,", "{rule: delay,", "deferral.rule", "deferral.rule 指向期限 delay"),
        (
            "opens_on: tolerance.accepted",
            "opens_on: tolerance.acepted",
            "deadlines.answer.opens_on",
            "没有事件 tolerance.acepted",
        ),
        (
            "[tolerance.determination-filed]",
            "[tolerance.filed]",
            "deadlines.filing.met_by",
            "没有事件 tolerance.filed",
        ),
        (
            "lapses_on: [tolerance.determination-deferred, ",
            "lapses_on: [tolerance.deferred, ",
            "deadlines.answer.lapses_on",
            "没有事件 tolerance.deferred",
        ),
        ("id: wuyang_2017", "edition: 1\nid: wuyang_2017", "第 2 行", "“edition”写了两次"),
        ("edition: 1\n", "\tedition: 1\n", "第 3 行", "不合 YAML 写法"),
        ("name: ", "name: [", "第 5 行", "不合 YAML 写法"),
    ],
)
def test_a_faulty_pack_is_refused_with_its_key_and_what_to_write(
    tmp_path: Path, good: str, bad: str, key: str, remedy: str
) -> None:
    assert good in PACK, "the edit would change nothing"
    fault = refused(tmp_path, PACK.replace(good, bad, 1).encode())
    assert fault.key == key
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("content", "key", "remedy"),
    [
        (b"", "全文", "若干行"),
        (b"- a\n- b\n", "全文", "若干行"),
        (PACK.encode("gbk"), "文件", "不是 UTF-8 编码"),
        (b"a: b\n---\na: b\n", "第 2 行", "不合 YAML 写法"),
        (b"a: b\x00\n", "文件", "第 5 个字符是控制字符"),
    ],
    ids=["empty", "a list", "gbk", "two packs", "a control character"],
)
def test_a_file_that_is_no_pack_is_refused(
    tmp_path: Path, content: bytes, key: str, remedy: str
) -> None:
    fault = refused(tmp_path, content)
    assert fault.key == key
    assert remedy in fault.remedy


def test_a_pack_may_name_any_event_there_is(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    for name in EVENT_NAMES:
        text = PACK.replace("opens_on: tolerance.accepted", f"opens_on: {name}", 1)
        file.write_text(text, "utf-8")
        assert policy_in(file).deadline("answer").opens_on == name


def test_every_fault_of_a_file_is_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    broken = PACK.replace("edition: 1", "edition: first").replace("issuer:", "isuer:")
    faults = refused(tmp_path, broken.replace("match: all", "match: every").encode()).faults
    lines = broken.splitlines()
    told = {fault.key: lines[fault.line - 1] for fault in faults}
    assert told["edition"].startswith("edition: first")
    assert told["isuer"].startswith("isuer:")
    assert "match:" in told["lists.conditions.match"]
    assert "issuer" in told
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
