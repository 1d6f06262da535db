"""What the product says of itself in an impact assessment, whatever the depot: each with the test that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """What the product says of itself, and the tests or commands that show it."""

    text: str
    shown: Sequence[str]


@dataclass(frozen=True, slots=True)
class ForTheForce:
    """What only the force can say."""

    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What the product does not do, and an assessment must know."""

    text: str


Line = Statement | ForTheForce | Missing
LAW = "tests/depot/test_search_law.py::"
SEARCH = "tests/depot/test_searching.py::"
KEEP = "tests/depot/test_keeping.py::"


def who_assesses() -> Sequence[Line]:
    """Who assesses what."""
    return [
        ForTheForce("controller, data protection officer, who made this assessment, whom it was discussed with."),
        ForTheForce("the legal basis: the law enforcement purpose, and why the processing is strictly necessary."),
        ForTheForce("where cars with cameras are used, by how many, and what public was asked before."),
    ]


def processed() -> Sequence[Line]:
    """What is processed, of whom."""
    return [
        Statement(
            "Of each vehicle that passes: its mark, a picture of the plate and one of the scene, time, place, camera, "
            "car, shift and officer; of hits, what the list says and what officers did.",
            ["tests/records/test_outbox.py::test_every_item_is_what_the_wire_says"],
        ),
        Statement(
            "It is kept of every vehicle that was read, also of those on no list.",
            ["tests/integration/test_demo.py::test_the_depot_holds_exactly_the_reads_and_hits_with_their_pictures"],
        ),
        Statement(
            "Pictures of scenes may show people. The only models are those that find plates and read characters.",
            ["patrol-anpr doctor"],
        ),
        ForTheForce("whose lists are used, on what basis each entry is put there, and who checks that it is current."),
    ]


def access() -> Sequence[Line]:
    """Who may look, and what holds that."""
    return [
        Statement(
            "Each page of the console asks for one duty; what no role has, nobody may.",
            ["tests/console/test_routes_and_roles.py::test_a_route_asks_for_exactly_one_duty_or_stands_in_its_table"],
        ),
        Statement(
            "A search names a purpose of a closed list, a case and a reason, and needs current training and a signed "
            "policy.",
            [
                f"{LAW}test_a_search_without_purpose_case_or_reason_is_none",
                f"{LAW}test_training_and_policy_that_end_are_told_before_and_refuse_afterwards",
            ],
        ),
        Statement(
            "Reads older than 90 days need another, senior person beforehand and a graver case, those older than 12 "
            "months major crime or counter-terrorism.",
            [
                f"{LAW}test_the_table_is_that_of_the_law",
                f"{SEARCH}test_reads_older_than_90_days_need_a_second_person_who_is_not_the_asker",
            ],
        ),
        Statement(
            "The audit is written before the answer; without it there is none.",
            [f"{SEARCH}test_without_the_audit_nothing_is_answered"],
        ),
        Statement(
            "Where a car, and so an officer, has been is listed only for an authorised audit.",
            [f"{SEARCH}test_one_cars_reads_are_listed_for_an_authorised_audit_alone"],
        ),
        Statement(
            "Each month's searches are looked at for patterns of misuse, and a sample is drawn for another person's "
            "review.",
            [
                "tests/depot/oversight/test_patterns.py::test_what_was_planted_is_found_and_names_its_rows_and_nobody_else",
                "tests/depot/oversight/test_month.py::test_a_review_is_by_another_auditor_says_something_and_stays",
            ],
        ),
        Missing(
            "a second person for accounts. Where accounts are the depot's own, an administrator can add one, or invite "
            "somebody's anew, and use the invitation; each is a row of the audit. By the force's own sign-on only the "
            "emergency account is left for that, and auditors are told first of each use of it."
        ),
        ForTheForce("who decides on roles, how training is given, what follows a misuse."),
    ]


def travel() -> Sequence[Line]:
    """How records travel, and who sees them on the way."""
    return [
        Statement(
            "A car enrols by a one-time code, signs each request and believes only its own depot.",
            [
                "tests/depot/test_enrolment.py::test_a_code_is_used_once_by_one_key",
                "tests/depot/test_signatures.py::test_whatever_is_altered_is_refused",
            ],
        ),
        Statement(
            "Records in a car are encrypted; after sign-off they open to the depot alone.",
            [
                "tests/records/test_records.py::test_no_mark_stands_in_the_clear",
                "tests/integration/test_demo.py::test_after_the_sign_off_the_cars_own_records_open_to_the_depot_alone",
            ],
        ),
        Statement(
            "No mark, officer or place is in a log.",
            [
                "tests/integration/test_redaction.py::test_nothing_is_left_in_logs_or_in_plain_on_the_disk",
                "tests/depot/test_depot_service.py::test_no_mark_in_the_log",
            ],
        ),
        Statement(
            "The car speaks to its depot and to nobody else; nothing is reported to makers of software.",
            ["tests/integration/test_demo.py::test_nobody_outside_this_machine_is_spoken_to_and_no_name_is_looked_up"],
        ),
        Statement(
            "What goes to the national system are reads that a camera made, with the fields of the national record and "
            "nothing else: no officer, no list, no hit.",
            [
                "tests/depot/test_interchange.py::"
                "test_a_read_goes_out_with_the_fields_of_the_national_record_and_nothing_else"
            ],
        ),
        Statement("Copies are sealed.", ["tests/depot/test_backup.py::test_the_copies_hold_nothing_in_plain"]),
        Statement(
            "An export of everything lies in the clear, on purpose; who made it and why is on record before.",
            ["tests/depot/test_open_form.py::test_it_is_in_the_audit_before_anything_is_written"],
        ),
        ForTheForce("where servers stand, who runs them, processors and contracts, transfers, the national system."),
    ]


def rights() -> Sequence[Line]:
    """What the product does for the rights of people."""
    return [
        Missing("a purpose for requests of people for their own data: the closed list of purposes has none."),
        Missing("a marking of records whose use is restricted or whose accuracy is disputed."),
        Statement(
            "A misread is corrected by an officer's word beside the Read, which keeps its text; both are found.",
            [f"{SEARCH}test_what_an_officer_corrected_is_found_by_both_marks_and_says_which"],
        ),
        ForTheForce("how people ask for access, correction or erasure, and how that is answered."),
        Statement(
            "What the public is told is made true by the program, sentence by sentence.",
            ["tests/test_promises.py::test_each_sentence_for_the_public_is_in_the_table_word_for_word"],
        ),
    ]


_RISKS: Sequence[tuple[str, str, Sequence[str]]] = (
    (
        "somebody is stopped because of a misread",
        "A near match never looks or sounds like an exact one; the picture is looked at first; misreads are counted.",
        (
            "tests/ui/test_hit_card.py::test_check_never_looks_like_exact",
            "tests/alerting/test_policy.py::test_a_check_never_sounds_like_an_exact_hit",
        ),
    ),
    (
        "somebody is stopped because a list is out of date",
        "Entries end with their weed date, lists with theirs; their age is always shown; one that was taken back "
        "counts no more.",
        (
            "tests/hotlists/test_matcher.py::test_an_entry_ends_with_its_weed_date",
            "tests/patrol/test_patrol.py::test_the_list_lamp_tells_the_age_and_never_hides_that_there_is_none",
            "tests/integration/test_lists.py::"
            "test_a_list_that_its_owner_took_back_is_matched_no_more_and_the_officer_is_told",
        ),
    ),
    (
        "somebody makes up a list",
        "Lists are signed by their owners, with keys that need not lie in the depot.",
        (
            "tests/depot/test_depot_lists.py::test_each_owner_has_a_role_of_its_own_and_signs_nothing_else",
            "tests/depot/test_depot_lists.py::test_keys_that_were_carried_away_must_be_brought",
        ),
    ),
    (
        "staff search without a reason of duty",
        "Purpose, case and reason before the answer; the audit cannot be changed unseen; patterns are looked for.",
        (
            f"{LAW}test_nothing_is_answered_that_the_table_does_not_allow",
            "tests/depot/test_depot_audit.py::test_a_row_that_is_cut_out_shows",
            "tests/depot/oversight/test_patterns.py::test_a_clean_month_is_silent",
        ),
    ),
    (
        "a laptop is stolen",
        "Nothing opens after a lock or a sign-off; the car is refused from its next request on.",
        ("tests/integration/test_demo.py::test_after_the_sign_off_the_cars_own_records_open_to_the_depot_alone",),
    ),
    (
        "records are kept too long",
        "A nightly job erases; a figure shows when it last ended well; erased pictures open nowhere.",
        (
            f"{KEEP}test_nothing_held_goes_and_nothing_past_its_date_stays",
            "tests/depot/test_retention.py::test_a_purged_day_is_unreadable_even_from_a_copy_of_its_segments",
        ),
    ),
    (
        "records are lost",
        "A car deletes only what the depot has signed to hold; a lost depot is brought back and sent what it lacks.",
        (
            "tests/records/test_retention.py::test_whatever_the_receipts_nothing_unproven_goes",
            "tests/integration/test_depot_lost.py::test_a_lost_depot_comes_back_and_the_car_sends_what_the_copy_lacks",
        ),
    ),
    (
        "somebody is found in published figures",
        "Figures hold no mark, officer or place; what the public is told has no small numbers.",
        (
            "tests/depot/reports/test_folding.py::test_the_facts_hold_no_mark_no_officer_and_no_place",
            "tests/depot/reports/test_counting.py::"
            "test_of_1_to_3_cases_nobody_finds_out_how_many_also_not_from_the_total_and_the_others",
        ),
    ),
)
"""What may happen to people, what is done against it, and what shows that."""


def risks() -> Sequence[Line]:
    """What may happen to people, and what is done against it."""
    said: list[Line] = [Statement(f"Risk: {risk}. {measure}", shown) for risk, measure, shown in _RISKS]
    return [*said, ForTheForce("how likely and how grave each is here, what is left of it, and other risks.")]
