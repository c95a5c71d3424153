"""Every entity's answers against Intuit's definitions and recorded answers."""

import pytest

from tests.simulator.golden import known, recorded
from tests.simulator.golden.bodies import MADE
from tests.simulator.golden.definitions import GOLDEN
from tests.simulator.golden.gathered import ENTITIES, Gathered, inner
from tests.simulator.golden.shape import check, paths

pytestmark = pytest.mark.skipif(
    not GOLDEN.is_dir(), reason="Intuit's definitions are not beside the project"
)
_LABELS = [label for label, _, _ in MADE]
_KINDS = {label: entity for label, entity, _ in MADE}


def wrong(entity: str, record: object) -> list[str]:
    """What is wrong with a record, but for what is known."""
    assert isinstance(record, dict)
    return [
        line
        for line in check(entity, record)
        if line not in known.ODD_RECORDINGS
        and line.removesuffix(": is required") not in known.NOT_REQUIRED
    ]


@pytest.mark.parametrize("label", _LABELS)
def test_a_full_record_can_be_made_and_reads_as_it_was_answered(
    answers: Gathered, label: str
) -> None:
    assert label not in answers.refused, answers.refused[label]
    made, read = inner(answers.made[label]), inner(answers.read[label])

    changed = {name for name in made if made[name] != read.get(name)}
    # What came after it: payments, credits, stock sold.
    later = {"LinkedTxn", "Balance", "HomeBalance", "SyncToken", "MetaData"}
    assert changed <= later | {"BalanceWithJobs", "QtyOnHand", "CurrentBalance"}
    assert made["Id"] == read["Id"]


@pytest.mark.parametrize("label", _LABELS)
def test_a_full_record_has_intuits_shape(answers: Gathered, label: str) -> None:
    assert wrong(_KINDS[label], answers.made.get(label, {"Id": "missing"})) == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_records_of_every_company_have_intuits_shape(
    answers: Gathered, entity: str
) -> None:
    assert entity not in answers.unknown, answers.unknown[entity]
    rows = answers.found[entity]

    assert rows, f"there is no {entity} to look at"
    assert {line for row in rows for line in wrong(entity, row)} == set()


@pytest.mark.parametrize("entity", sorted(set(recorded.records()) & set(ENTITIES)))
def test_every_recorded_member_exists_in_the_same_place(
    answers: Gathered, entity: str
) -> None:
    rows = [*answers.found.get(entity, [])]
    rows += [one for label, one in answers.made.items() if _KINDS[label] == entity]

    shown = set[str]().union(*(paths(row) for row in rows))
    seen = set[str]().union(*(paths(row) for row in recorded.records()[entity]))

    assert {
        path
        for path in seen - shown
        if not any(f"{entity}.{path}".endswith(end) for end in known.NOT_SHOWN)
        and not _below_another(path, seen - shown)
    } == set()


@pytest.mark.parametrize("entity", sorted(set(recorded.records()) & set(ENTITIES)))
def test_what_recorded_answers_always_have_a_full_record_has(
    answers: Gathered, entity: str
) -> None:
    rows = recorded.records()[entity]
    always = set(rows[0]).intersection(*rows)
    full = next((answers.made[one] for one in _LABELS if _KINDS[one] == entity), None)
    ours = full or next(iter(answers.found.get(entity, [])), {})

    missing = {f"{entity}.{name}" for name in always - set(ours)}
    assert missing - set(known.NOT_SHOWN) == set()


@pytest.mark.parametrize("entity", sorted(recorded.records()))
def test_the_definitions_accept_what_quickbooks_answered(entity: str) -> None:
    rows = recorded.records()[entity]

    assert {line for row in rows for line in wrong(entity, row)} == set()


def _below_another(path: str, others: set[str]) -> bool:
    """Whether a member is missing because the object it is in is missing."""
    return any(path.startswith((f"{one}.", f"{one}[]")) for one in others)
