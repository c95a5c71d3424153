"""Reports, faults, batches and changes against definitions and recorded answers."""

from collections.abc import Iterator

import pytest

from tests.simulator.client import Json
from tests.simulator.golden import recorded
from tests.simulator.golden.definitions import GOLDEN
from tests.simulator.golden.gathered import REPORTS, Gathered
from tests.simulator.golden.shape import check, check_type

pytestmark = pytest.mark.skipif(
    not GOLDEN.is_dir(), reason="Intuit's definitions are not beside the project"
)
_ENVELOPE = {"time"}
# Recorded with columns that were asked for by name.
_ASKED_FOR = {"subt_nat_amount", "tax_amount"}


def recorded_report(name: str) -> Json:
    return recorded.whole(name, "Report")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_intuits_shape(answers: Gathered, name: str) -> None:
    report = answers.reports[name]

    assert "Fault" not in report, report
    assert set(report) == {"Header", "Columns", "Rows"}
    assert check_type("Report", report) == []
    assert report["Header"]["ReportName"] == name
    assert list(_odd_rows(report["Rows"], _width(report["Columns"]))) == []


@pytest.mark.parametrize("file", recorded.reports())
def test_a_report_has_what_the_recorded_one_has(answers: Gathered, file: str) -> None:
    theirs = recorded_report(file)
    ours = answers.reports[theirs["Header"]["ReportName"]]
    assert "Fault" not in ours, ours

    # A macro is only named when it was asked for.
    assert set(theirs["Header"]) - set(ours["Header"]) <= {"DateMacro", "Option"}
    assert _kinds(theirs) <= _kinds(ours) | _ASKED_FOR
    assert _nesting(ours["Rows"], _groups(theirs["Rows"])) <= _nesting(theirs["Rows"])


@pytest.mark.parametrize("file", recorded.reports())
def test_the_rows_of_a_recorded_report_pass_our_own_rule(file: str) -> None:
    theirs = recorded_report(file)

    # That one was asked for two columns; its sums have their title before them.
    more = 1 if file == "profitandlossdetailwithoptions" else 0
    odd = _odd_rows(theirs["Rows"], _width(theirs["Columns"]), more=more)
    assert list(odd) == []


def test_a_fault_has_the_recorded_shape(answers: Gathered) -> None:
    theirs = recorded.whole("query_validation_error", "IntuitResponse")["Fault"]
    ours = answers.others["fault"]["Fault"]

    assert check_type("Fault", ours) == []
    assert set(ours) == set(theirs)
    assert set(theirs["Error"][0]) <= set(ours["Error"][0])


def test_a_batch_and_changes_have_intuits_shape(answers: Gathered) -> None:
    for name in ("batch", "cdc"):
        answer = answers.others[name]
        kind = {"batch": "BatchItemResponse", "cdc": "CDCResponse"}[name]

        assert set(answer) - _ENVELOPE == {kind}
        assert [one for row in answer[kind] for one in check_type(kind, row)] == []


def test_changes_have_the_recorded_members(answers: Gathered) -> None:
    theirs = recorded.whole("change_data_capture_response", "IntuitResponse")
    ours = answers.others["cdc"]["CDCResponse"][0]["QueryResponse"]

    pages = [row for one in theirs["CDCResponse"] for row in one["QueryResponse"]]
    named = {name for row in pages for name in row if name[0].islower()}
    assert {name for row in ours for name in row if name[0].islower()} <= named
    assert {"startPosition", "maxResults"} <= {name for row in ours for name in row}


def test_a_new_tax_code_is_answered_without_an_envelope(answers: Gathered) -> None:
    answer = answers.others["TaxService"]

    assert "Fault" not in answer, answer
    assert [
        line for line in check("TaxService", answer) if "is required" not in line
    ] == []
    assert isinstance(answer["TaxCodeId"], str)


def _width(columns: Json) -> int:
    """How many cells a row has; a column may have columns below it."""
    return sum(_width(one.get("Columns", {})) or 1 for one in columns.get("Column", []))


def _kinds(report: Json) -> set[str]:
    return {one["ColType"] for one in report["Columns"]["Column"]}


def _odd_rows(
    part: Json, width: int, path: str = "Rows", *, more: int = 0
) -> Iterator[str]:
    """Rows that are neither a leaf nor a section, or of another width."""
    for place, row in enumerate(part.get("Row", [])):
        here = f"{path}.{place}"
        kind = row.get("type")
        lines = [row.get("ColData")]
        lines += [row.get(name, {}).get("ColData") for name in ("Header", "Summary")]
        # The leaves of a trial balance name no type.
        if kind not in ({"Data", None} if "ColData" in row else {"Section"}):
            yield f"{here}: type {kind} with {sorted(row)}"
        for cells in lines:
            if cells is not None and len(cells) not in {1, width, width + more}:
                yield f"{here}: {len(cells)} cells under {width} columns"
            if cells is not None and any("value" not in one for one in cells):
                yield f"{here}: a cell without a value"
        yield from _odd_rows(row.get("Rows", {}), width, here, more=more)


def _groups(part: Json) -> set[str]:
    return {group for group, _ in _nesting(part)}


def _nesting(part: Json, only: set[str] | None = None) -> set[tuple[str, str]]:
    """Each group with the group it stands in; of groups in `only`, if given."""
    found = set()
    stack = [(row, "") for row in part.get("Row", [])]
    while stack:
        row, above = stack.pop()
        group = row.get("group", "")
        if group and (only is None or {group, above or group} <= only):
            found.add((group, above))
        below = row.get("Rows", {}).get("Row", [])
        stack += [(one, group or above) for one in below]
    return found
