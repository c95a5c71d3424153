"""Tax codes: new ones by the tax service, and those that only the service knows."""

from decimal import Decimal

import pytest

from tests.simulator.client import Json, QuickBooks, fault, loads


def rate(name: str, value: object = 10, **more: object) -> Json:
    return {"TaxRateName": name, "RateValue": value, "TaxAgencyId": 1, **more}


async def make(books: QuickBooks, name: str, *rates: Json) -> Json:
    answer = await books.post(
        "taxservice/taxcode", {"TaxCode": name, "TaxRateDetails": list(rates), "Id": 0}
    )
    assert answer.status_code == 200, answer.text
    made: Json = loads(answer.text)
    return made


async def test_a_tax_code_is_made_with_its_rate(books: QuickBooks) -> None:
    made = await make(books, "Harbour tax", rate("Harbour", TaxApplicableOn="Sales"))

    code = await books.read("TaxCode", made["TaxCodeId"])
    number = made["TaxRateDetails"][0]["TaxRateId"]
    assert made == {
        "TaxCode": "Harbour tax",
        "TaxCodeId": code["Id"],
        "TaxRateDetails": [
            {
                "TaxRateName": "Harbour",
                "TaxRateId": number,
                "RateValue": 10,
                "TaxAgencyId": "1",
                "TaxApplicableOn": "Sales",
            }
        ],
    }
    assert (code["Name"], code["Active"], code["Taxable"]) == (
        "Harbour tax",
        True,
        True,
    )
    listed = code["SalesTaxRateList"]["TaxRateDetail"]
    assert [one["TaxRateRef"]["value"] for one in listed] == [number]
    assert code["PurchaseTaxRateList"]["TaxRateDetail"] == []
    found = await books.read("TaxRate", number)
    assert (found["RateValue"], found["AgencyRef"]["value"]) == (10, "1")
    assert await books.one("select * from TaxRate where Name = 'Harbour'") == found


async def test_a_code_has_rates_for_sales_and_for_purchases(books: QuickBooks) -> None:
    city = await make(books, "City", rate("City", Decimal("1.25")))
    known = {"TaxRateId": city["TaxRateDetails"][0]["TaxRateId"]}

    made = await make(
        books,
        "All of them",
        known,
        rate("County", "2.5"),
        rate("Bought", 4, TaxApplicableOn="Purchase"),
    )

    values = [one["RateValue"] for one in made["TaxRateDetails"]]
    assert values == [Decimal("1.25"), Decimal("2.5"), 4]
    code = await books.read("TaxCode", made["TaxCodeId"])
    sales = code["SalesTaxRateList"]["TaxRateDetail"]
    assert [one["TaxOrder"] for one in sales] == [0, 1]
    assert sales[0]["TaxRateRef"]["value"] == known["TaxRateId"]
    assert len(code["PurchaseTaxRateList"]["TaxRateDetail"]) == 1


async def test_names_of_rates_and_codes_are_not_used_twice(books: QuickBooks) -> None:
    await make(books, "Once", rate("Once"))
    count = await books.count("TaxRate")

    for name, rates in (
        ("Twice", [rate("once")]),
        ("ONCE", [rate("Other")]),
        ("Twice", [rate("Same"), rate("Same")]),
    ):
        body = {"TaxCode": name, "TaxRateDetails": rates}
        answer = await books.post("taxservice/taxcode", body)
        assert fault(answer)[0] == "6240"

    assert await books.count("TaxRate") == count


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"TaxRateDetails": [rate("A")]}, "2020"),
        ({"TaxCode": "A"}, "2020"),
        ({"TaxCode": "A", "TaxRateDetails": []}, "2020"),
        ({"TaxCode": "A", "TaxRateDetails": [{"TaxRateName": "A"}]}, "2020"),
        ({"TaxCode": "A", "TaxRateDetails": [rate("A", 101)]}, "2080"),
        ({"TaxCode": "A", "TaxRateDetails": [rate("A", TaxAgencyId="77")]}, "2500"),
        ({"TaxCode": "A", "TaxRateDetails": [{"TaxRateId": "77"}]}, "2500"),
        ({"TaxCode": "A", "TaxRateDetails": [rate("A", TaxApplicableOn="X")]}, "2170"),
        ({"TaxCode": "A", "TaxRateDetails": [rate("A")], "Colour": "red"}, "2010"),
    ],
)
async def test_odd_tax_codes_are_refused(
    books: QuickBooks, body: Json, code: str
) -> None:
    count = await books.count("TaxRate")

    answer = await books.post("taxservice/taxcode", body)

    assert fault(answer)[0] == code
    assert await books.count("TaxRate") == count


async def test_a_request_id_makes_one_tax_code(books: QuickBooks) -> None:
    body = {"TaxCode": "One", "TaxRateDetails": [rate("One")]}

    first = await books.post("taxservice/taxcode", body, requestid="tax-1")
    again = await books.post("taxservice/taxcode", body, requestid="tax-1")

    assert first.text == again.text
    assert first.json()["TaxCode"] == "One"


async def test_pseudo_codes_come_beside_the_first_page(books: QuickBooks) -> None:
    await make(books, "Second", rate("Second"))
    statement = "select * from TaxCode"

    first = await books.query(f"{statement} maxresults 1")
    second = await books.query(f"{statement} startposition 2 maxresults 1")
    third = await books.query(f"{statement} startposition 3 maxresults 1")

    assert [one["Id"] for one in first[:3]] == ["TAX", "NON", "CustomSalesTax"]
    assert len(first) == 4
    assert len(second) == 1
    assert third == []
    for one in (*first, *second):
        assert one["MetaData"]["LastUpdatedTime"]


@pytest.mark.parametrize("name", ["TAX", "NON", "CustomSalesTax"])
async def test_a_pseudo_code_is_read_by_its_name(books: QuickBooks, name: str) -> None:
    found = await books.read("TaxCode", name)

    assert found["Id"] == found["Name"] == name
    assert found["Taxable"] is (name != "NON")


async def test_there_are_no_pseudo_codes_where_tax_is_by_line(
    uk_books: QuickBooks,
) -> None:
    answer = await uk_books.get("taxcode/NON")

    assert fault(answer)[0] == "610"
    codes = await uk_books.query("select * from TaxCode")
    assert all(one["Id"].isdigit() for one in codes)
