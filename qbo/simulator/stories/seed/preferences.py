"""What a new company prefers: the Preferences record of a data file's company."""

from typing import Final

from qbo.simulator.exact import Json

_FORMATS: Final = {
    "US": ("MMDDYYYY_SEP_SLASH", "US_NB"),
    "CA": ("YYYYMMDD_SEP_DASH", "US_NB"),
}
_ELSEWHERE: Final = ("DDMMYYYY_SEP_SLASH", "UK_NB")
_MESSAGE: Final = "Thank you for your business."
_SLOTS: Final = 3


def preferences(data: Json) -> Json:
    """The body of Preferences for the `company` of a data file."""
    return {
        "AccountingInfoPrefs": _accounting(data),
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
            "RevenueRecognitionEnabled": False,
        },
        "SalesFormsPrefs": _sales_forms(data),
        "EmailMessagesPrefs": {
            f"{kind}Message": {
                "Subject": f"{kind} from {data['name']}",
                "Message": _MESSAGE,
            }
            for kind in ("Invoice", "Estimate", "SalesReceipt", "Statement")
        },
        "VendorAndPurchasesPrefs": {
            "EnableBills": True,
            "TrackingByCustomer": True,
            "BillableExpenseTracking": True,
            "POCustomField": _custom_fields(
                "PurchasePrefs", "Purchase", data.get("custom_fields", [])
            ),
        },
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "TaxPrefs": _tax(data),
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": data["multi_currency"],
            "HomeCurrency": {"value": data["home_currency"]},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": _others(data)},
    }


def _accounting(data: Json) -> Json:
    first = data["fiscal_year_start_month"]
    return {
        "UseAccountNumbers": False,
        "TrackDepartments": bool(data.get("departments", False)),
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True,
        "FirstMonthOfFiscalYear": first,
        "TaxYearMonth": first,
        "TaxForm": "6",
        "CustomerTerminology": "Customers",
        "DepartmentTerminology": "Location",
    }


def _sales_forms(data: Json) -> Json:
    body: Json = {
        "CustomTxnNumbers": data["custom_txn_numbers"],
        "AllowDeposit": True,
        "AllowDiscount": True,
        "AllowEstimates": True,
        "AllowServiceDate": False,
        "AllowShipping": False,
        "DefaultCustomerMessage": _MESSAGE,
        "AutoApplyCredit": False,
        "AutoApplyPayments": False,
        "EmailCopyToCompany": False,
        "ETransactionAttachPDF": False,
        "ETransactionEnabledStatus": "NotApplicable",
        "ETransactionPaymentEnabled": False,
        "IPNSupportEnabled": False,
        "UsingPriceLevels": False,
        "UsingProgressInvoicing": False,
    }
    names = data.get("custom_fields", [])
    if names:
        body["CustomField"] = _custom_fields("SalesFormsPrefs", "Sales", names)
    return body


def _custom_fields(group: str, kind: str, names: list[str]) -> list[Json]:
    """The three slots of a kind of form, and their names, as pseudo preferences."""
    used = [
        {
            "Name": f"{group}.Use{kind}Custom{place}",
            "Type": "BooleanType",
            "BooleanValue": place <= len(names),
        }
        for place in range(1, _SLOTS + 1)
    ]
    named = [
        {
            "Name": f"{group}.{kind}CustomName{place}",
            "Type": "StringType",
            "StringValue": name,
        }
        for place, name in enumerate(names, start=1)
    ]
    return [{"CustomField": part} for part in (used, named) if part]


def _tax(data: Json) -> Json:
    if data["sales_tax"] == "automated":
        return {"UsingSalesTax": True, "PartnerTaxEnabled": True}
    return {"UsingSalesTax": True}


def _others(data: Json) -> list[Json]:
    dates, numbers = _FORMATS.get(data["country"], _ELSEWHERE)
    pairs = {
        "SalesFormsPrefs.DefaultCustomerMessage": _MESSAGE,
        "WarnDuplicateCheckNumber": "true",
        "WarnDuplicateBillNumber": "true",
        "ProjectsEnabled": "false",
        "DateFormatMnemonic": dates,
        "NumberFormatMnemonic": numbers,
    }
    return [{"Name": name, "Value": value} for name, value in pairs.items()]
