"""What Intuit leaves open, as settings that can be changed while it runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from qbo.simulator.exact import Json
from qbo.simulator.people import PEOPLE

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "environment": ("sandbox", "production"),
    "consent": ("page", "approve", "deny"),
    "signed_in": tuple(PEOPLE),
    "invalid_scope": ("page", "callback"),
    "requestid_repeated": ("replay", "fault"),
    "duplicate_doc_numbers": ("preference", "refuse", "accept"),
    "auto_apply_credit": ("preference", "off"),
    "inclusive_amount": ("gross", "net"),
    "vat_tax_detail": ("usual", "check", "refuse"),
    "over_the_cap": ("cap", "fault"),
    "projection": ("full", "honoured"),
    "default_order": ("observed", "id"),
    "reports_style": ("modern", "legacy"),
    "gateway_form": ("classic", "newer"),
    "batch_weight": ("request", "items"),
    "webhook_form": ("cloudevents", "legacy"),
    "webhook_content_type": (
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
    ),
    "webhook_void_verb": ("voided", "void"),
    "plan_reference_code": ("2500", "5020", "6000"),
    "inactive_with_balance": ("accept", "refuse"),
    "reactivated_name": ("kept", "restored"),
}
"""The words that a switch of words can be set to."""
NUMBER_MAX: Final = 10**12
"""Beyond any number of bytes, seconds or requests that makes sense."""
RIGHTS_STATUSES: Final = (401, 403)
_USUAL_SCOPES: Final = (
    "com.intuit.quickbooks.accounting com.intuit.quickbooks.payment"
    " openid profile email phone address"
)


@dataclass(frozen=True)
class Switches:
    """The switches, their meanings and their defaults."""

    # Which of Intuit's two API hosts this is; keys of the other one get 403/3100.
    environment: str = "sandbox"
    # "approve" or "deny": the consent page answers for itself, without a page.
    consent: str = "page"
    # The realm it approves with, or that the page picks first; empty: the first one.
    consent_company: str = ""
    # Who is signed in when the consent page opens.
    signed_in: str = "alex"
    # What apps may ask for, separated by spaces.
    entitled_scopes: str = _USUAL_SCOPES
    # Scopes beyond those: a page that leads nowhere, or a callback with an error.
    invalid_scope: str = "page"
    # How long a refresh token works after it was replaced. Clients rely on a day; 0
    # is strict, and then using it, or a code, again ends the connection.
    previous_refresh_grace_seconds: int = 86_400
    # A refresh hands back the same token until it is that old; 0: always a new one.
    rotate_refresh_after_seconds: int = 0
    # How long an access token lives.
    access_token_seconds: int = 3_600
    # How long a refresh token lives from the day it was made.
    refresh_idle_seconds: int = 8_726_400
    # How long a connection lives from the day of consent, however it is refreshed.
    refresh_hard_seconds: int = 157_680_000
    # A new consent of the same app and company ends the connection before.
    new_consent_ends_the_old: bool = False
    # The status of code 120, for connections of a person who lost their rights.
    rights_lost_status: int = 401
    # How long a request id is remembered.
    requestid_ttl_seconds: int = 86_400
    # Entities (say "Customer,Vendor") for which a request id is not remembered.
    requestid_ignored_for: str = ""
    # A request id again: the first answer again, or code 600.
    requestid_repeated: str = "replay"
    # Whether a refusal is remembered too.
    requestid_replays_faults: bool = False
    # A document number again: as the company prefers, or always one of the two.
    duplicate_doc_numbers: str = "preference"
    # Invoices, sales and refund receipts and credit memos are numbered in one sequence.
    shared_doc_numbers: bool = True
    # Whether credits are applied by themselves as the company prefers, or never.
    auto_apply_credit: str = "preference"
    # A lone Amount on a form whose tax is included: with the tax, or without it.
    inclusive_amount: str = "gross"
    # A TxnTaxDetail sent where tax is by line: looked at, or refused; usually it is
    # refused in the UK. What is sent back as it was read passes.
    vat_tax_detail: str = "usual"
    # Customers and vendors with a balance can be made inactive, or cannot.
    inactive_with_balance: str = "accept"
    # A name made active again keeps its " (deleted)" until it is sent, or loses it.
    reactivated_name: str = "kept"
    # A sparse update of a bill has to name its vendor, of a purchase its PaymentType.
    sparse_names_required: bool = True
    # MAXRESULTS above 1000 is cut or refused.
    over_the_cap: str = "cap"
    # SELECT of some fields gives whole records, or partial ones with these fields.
    projection: str = "full"
    # Rows without ORDERBY: transactions newest first and lists by name, or all by id.
    default_order: str = "observed"
    # Titles and zeros of reports as since 2026, or as before.
    reports_style: str = "modern"
    # Cells of a list in a report, about; more are refused. 0: lists of any length.
    report_cells_max: int = 400_000
    # Mails a day and company; 40 in Intuit's sandbox, 0 for no limit.
    mails_per_day: int = 0
    # Refuse a minorversion that is no whole number.
    minorversion_checked: bool = True
    # What a reference to something that a plan lacks (a class, say) is refused with.
    plan_reference_code: str = "2500"
    # Refuse also to read and query what a plan lacks.
    plan_refuses_reads: bool = False
    # Bytes of an upload; above them 6030.
    upload_bytes_max: int = 100 * 2**20
    # Attaching to a record moves its SyncToken, as has been seen now and then.
    attaching_steps: bool = False
    # Webhooks as CloudEvents, or in the form of before 2026.
    webhook_form: str = "cloudevents"
    # Their Content-Type.
    webhook_content_type: str = "application/json"
    # What CloudEvents call a void.
    webhook_void_verb: str = "voided"
    # How long an event waits for others to travel with it.
    webhook_window_ms: int = 250
    # Several changes of a record within that time are told as one.
    webhook_collapse: bool = True
    # Whether an app hears of its own writes.
    webhook_own_writes: bool = True
    # How long an endpoint may take to answer.
    webhook_timeout_ms: int = 3_000
    # How much faster than Intuit deliveries are tried again.
    webhook_speed: int = 1
    # After so many attempts in vain an endpoint is disabled.
    webhook_attempts_max: int = 14
    # Send every delivery a second time.
    webhook_duplicates: bool = False
    # The events of a delivery stand in it newest first.
    webhook_reversed: bool = False
    # Retry-After of a 429; 0: no such header.
    retry_after_seconds: int = 0
    # 401, 403 and 429 in XML, though JSON was asked for.
    gateway_xml: bool = False
    # Their form: "classic" (fault; IntuitResponse) or "newer" (code, type; Errors).
    gateway_form: str = "classic"
    # Wait so long before each answer.
    latency_ms: int = 0
    # Whether the numbers below count; each is off when it is 0.
    limits: bool = False
    # Requests to a company, of all apps.
    requests_per_minute: int = 500
    # Requests of an app to a company.
    requests_per_second: int = 10
    # Requests of an app to a company that are answered at the same time; once 10.
    requests_at_once: int = 0
    # The same with calls to the OAuth endpoints.
    calls_per_minute: int = 800
    # Batches of an app to a company.
    batches_per_minute: int = 40
    # Batches to a company.
    batches_per_minute_of_all_apps: int = 120
    # Reports of a company; 200 in 2017, no longer documented.
    reports_per_minute: int = 0
    # Whether a batch counts as one request or as many as it has items.
    batch_weight: str = "request"
    # Metered reads a month of all companies, then 429; 500000 for free apps.
    reads_per_month: int = 0

    def changed(self, wishes: Json) -> "Switches":
        """The switches with some of them set.

        Raises:
            ValueError: a name is unknown or a value is of the wrong kind.
        """
        kinds = {one.name: type(getattr(self, one.name)) for one in fields(self)}
        for name, value in wishes.items():
            if name not in kinds:
                raise ValueError(f"no switch {name!r}; there are: {', '.join(kinds)}")
            if type(value) is not kinds[name]:
                raise ValueError(f"{name} is of type {kinds[name].__name__}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of: {', '.join(CHOICES[name])}")
            if name == "rights_lost_status" and value not in RIGHTS_STATUSES:
                raise ValueError(f"{name} is 401 or 403")
            if type(value) is int and not 0 <= value <= NUMBER_MAX:
                raise ValueError(f"{name} is from 0 to {NUMBER_MAX}")
        return replace(self, **wishes)

    def as_json(self) -> dict[str, Any]:
        """All switches by name."""
        return asdict(self)
