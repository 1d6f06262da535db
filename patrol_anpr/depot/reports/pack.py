"""The pack for a data protection impact assessment: what this product shows of itself, and blanks for the force. Pure.

Each sentence names the test or the command that shows it. What nothing shows is a blank, or is said to be missing:
whether the use is lawful, necessary and proportionate is judged by people.
"""

from collections.abc import Iterator, Sequence

from patrol_anpr.depot.keeping.classes import FOR_GOOD, PERIODS
from patrol_anpr.depot.reports.facts_of_depot import DepotFacts
from patrol_anpr.depot.reports.rates import Rate
from patrol_anpr.depot.reports.statements import (
    KEEP,
    ForTheForce,
    Line,
    Missing,
    Statement,
    access,
    processed,
    rights,
    risks,
    travel,
    who_assesses,
)
from patrol_anpr.depot.staff.duties import NEVER_TOGETHER, StaffRole, duties_of
from patrol_anpr.domain.coverage import Blind

BLANK = "TO FILL IN"


def as_markdown(facts: DepotFacts) -> str:
    """Return the pack."""
    lines = [
        "# Data protection impact assessment: pack of the product",
        "",
        f"Patrol ANPR {facts.version}, this depot, {facts.at:%Y-%m-%d %H:%M} UTC. Made by `patrol-anpr depot dpia`. It "
        "is no assessment: it holds what the product can show, and names what only the force can say. It claims no "
        "conformity with any standard.",
    ]
    for heading, content in sections(facts):
        lines += ["", f"## {heading}", ""]
        lines += [_line(one) for one in content]
    return "\n".join(lines) + "\n"


def _line(line: Line) -> str:
    if isinstance(line, Statement):
        return f"- {line.text} *Shown by:* {', '.join(f'`{one}`' for one in line.shown)}"
    if isinstance(line, Missing):
        return f"- **Not held:** {line.text}"
    return f"- **{BLANK}:** {line.text}"


def sections(facts: DepotFacts) -> Iterator[tuple[str, Sequence[Line]]]:
    """Give each section with its lines."""
    yield "1. Who assesses what", who_assesses()
    yield "2. What is processed", [*processed(), *_volumes(facts)]
    yield "3. Who may look", [*access(), *_people(facts)]
    yield "4. How long it is kept", list(_kept(facts))
    yield "5. Where it lies and how it travels", [*_places(facts), *travel()]
    yield "6. Necessity and proportionality", list(_necessity(facts))
    yield "7. The rights of people", rights()
    yield "8. Risks and measures", risks()
    yield "9. How it is operated here", list(_operated(facts))
    yield (
        "10. Decision",
        [ForTheForce("what risks are left, who accepts them, the officer's advice, date.")],
    )


def _volumes(facts: DepotFacts) -> Sequence[Line]:
    period = facts.public.period
    figures = facts.figures
    return [
        Statement(
            f"From {period.first} to {period.last}: {figures.reads:,} Reads, {figures.hits:,} hits, {figures.stops:,} "
            f"stops based on a hit, in {figures.patrol_hours:,.0f} hours of patrol.",
            ["tests/lab/test_invented_month.py::test_its_figures_agree_with_its_records", "patrol-anpr depot figures"],
        ),
        Statement(
            f"{facts.cars:,} cars are enrolled; {facts.refused_cars:,} of those that were are refused. {facts.lists:,} "
            f"lists are published, {facts.lists_for_some:,} of them for some cars only.",
            ["patrol-anpr depot cars", "patrol-anpr depot lists show"],
        ),
    ]


def _people(facts: DepotFacts) -> Sequence[Line]:
    duties = "tests/depot/staff/test_duties.py::test_each_duty_is_of_these_roles_and_no_others"
    said: list[Line] = [
        Statement(
            f"{role.value.capitalize()} (accounts: {facts.accounts.get(role, 0)}) may: "
            f"{', '.join(sorted(duty.value for duty in duties_of([role])))}.",
            [duties, "patrol-anpr depot staff list"],
        )
        for role in StaffRole
    ]
    never = "tests/depot/staff/test_duties.py::test_what_never_meets_in_one_person_is_refused_in_every_order"
    said += [Statement(why, [never]) for _, _, why in NEVER_TOGETHER]
    if facts.emergency_accounts:
        one = "tests/depot/staff/test_sign_on.py::test_the_emergency_account_is_one_alone_and_loud"
        said.append(Statement("There is an account for emergencies; its use is reported.", [one]))
    return said


def _kept(facts: DepotFacts) -> Iterator[Line]:
    shown = [f"{KEEP}test_nothing_held_goes_and_nothing_past_its_date_stays"]
    days = dict(facts.public.kept)
    for period in PERIODS.values():
        yield Statement(f"{period.what}: {days[period.what]} days. {period.why}", shown)
    for what, why in FOR_GOOD.items():
        yield Statement(
            f"{what}: without a date. {why}", [f"{KEEP}test_every_class_and_every_exception_has_its_reason"]
        )
    yield Statement(
        "In the car a Read is erased seven days after the depot's receipt; a force may set other days there.",
        ["tests/records/test_retention.py::test_reads_go_seven_days_after_the_receipt_and_not_a_second_before"],
    )
    yield Statement(
        "Nothing goes early because one clock is wrong.", [f"{KEEP}test_a_clock_that_jumped_alone_is_not_believed"]
    )
    yield Statement(
        "Evidence on hold has a reason, an owner and a review date, and is released by two people.",
        [
            f"{KEEP}test_a_hold_has_an_owner_and_a_review_that_no_run_passes_over",
            f"{KEEP}test_a_release_needs_two_people_and_a_review_takes_the_asking_back",
        ],
    )
    yield ForTheForce("why these periods are needed, and who reviews holds.")


def _places(facts: DepotFacts) -> Sequence[Line]:
    said: list[Line] = []
    if facts.on_postgresql:
        own = ", ".join(facts.own_accounts) or "none"
        said.append(
            Statement(
                f"Records lie in PostgreSQL. Roles with an account of their own: {own}. Each role may do only what it "
                "needs.",
                ["tests/depot/test_depot_postgres.py::test_a_role_is_refused_what_it_need_not_do"],
            )
        )
    else:
        said.append(
            Missing(
                "rights in the database. Records lie in a SQLite file, which knows no roles: whoever may read the "
                "depot's folder may read them. For more than one station on trial use PostgreSQL."
            )
        )
    where = "a store that speaks S3" if facts.bucket else "the depot's folder"
    said.append(
        Statement(
            f"Pictures lie in {where}, sealed.",
            ["tests/depot/test_pictures.py::test_nothing_of_a_picture_lies_open_on_the_disk"],
        )
    )
    return said


def _necessity(facts: DepotFacts) -> Iterator[Line]:
    figures = facts.figures
    report = ["tests/console/test_reports.py::test_a_report_tells_what_was_counted"]
    yield Statement(_misreads(figures.misread), report)
    yield Statement(
        f"Of {figures.hits:,} hits {figures.without_outcome:,} have no outcome. {figures.stops:,} led to a stop.",
        report,
    )
    yield Statement(
        "No stop is recorded without a look at the picture and control's word, or a reason why not.",
        [
            "tests/patrol/test_hits.py::"
            "test_whatever_is_said_nothing_leads_to_stopped_without_look_and_answer_or_an_override"
        ],
    )
    yield Statement(
        f"Of each camera and minute it is known whether a plate could have been read, and if not why ({len(Blind)} "
        "reasons): that there is no Read is not taken for an answer.",
        ["tests/patrol/test_coverage.py::test_a_blind_second_has_its_reason"],
    )
    yield ForTheForce("which pressing need it meets, what less intrusive means there are, and why they do not do.")


def _misreads(rate: Rate) -> str:
    if rate.share is None:
        return "How often a hit was a misread is counted; nothing has been counted here yet."
    low, high = rate.interval
    return (
        f"{100 * rate.share:.1f} % of {rate.whole:,} hits that officers verified were misread ({100 * low:.1f} to "
        f"{100 * high:.1f} % with 95 % confidence)."
    )


def _operated(facts: DepotFacts) -> Iterator[Line]:
    for job, seconds in sorted(facts.job_ages.items()):
        if seconds == float("inf"):
            yield Missing(f"the job `patrol-anpr depot {job}`: it has never ended well here.")
        else:
            ended = f"The job {job} last ended well {seconds / 3600:,.0f} hours ago."
            yield Statement(ended, [f"patrol-anpr depot {job}"])
    if facts.open_keys:
        yield Missing(
            f"keys of lists out of reach. These lie open in the depot's folder, and whoever reads it can sign lists: "
            f"{', '.join(facts.open_keys)}."
        )
    yield Statement(
        f"A car may send {facts.quotas.megabytes_a_day:,} MB of pictures a day and make "
        f"{facts.quotas.requests_a_minute:,} requests a minute.",
        ["tests/depot/test_quotas.py::test_a_car_that_asks_too_much_hears_how_long_to_wait"],
    )
    yield Statement("Whether the audit is whole is told by a command.", ["patrol-anpr depot check-audit"])
    yield ForTheForce("who runs the depot, who is called when a job fails, when a restore was last practised.")
