"""Reading multipart bodies as leniently as they are written.

Clients write them by hand: lines that end in LF alone, an empty line before the first
boundary, base64 without a file name. The bytes of a file come out exactly.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from qbo.simulator import faults


@dataclass(frozen=True)
class Part:
    """One part: its name in the form, the file's name and type, its bytes."""

    name: str
    filename: str
    content_type: str
    content: bytes


def parts(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body, in their order.

    Raises:
        Refused: it is no multipart form.
    """
    head = Message()
    head["Content-Type"] = content_type
    boundary = head.get_param("boundary")
    if head.get_content_maintype() != "multipart" or not isinstance(boundary, str):
        raise faults.refusal(
            "1050", f"The content type {content_type} is no multipart form.", None
        )
    return [_part(raw, newline) for raw, newline in _pieces(boundary.encode(), body)]


def _pieces(boundary: bytes, body: bytes) -> list[tuple[bytes, bytes]]:
    """What lies between the boundaries, and how its lines end.

    The line break before a boundary belongs to the boundary; which one it is shows
    at the end of the first boundary's own line.
    """
    mark = re.escape(b"--" + boundary)
    first = re.search(rb"(?:^|\n)" + mark + rb"[ \t]*(\r?\n)", body)
    if first is None:
        raise faults.refusal("2010", "The body has no parts.", None)
    newline = first[1]
    rest = newline + body[first.end() :]
    between = re.split(newline + mark + rb"(--)?[ \t]*(?=\r?\n|$)", rest)
    pieces = []
    for place in range(0, len(between) - 1, 2):
        pieces.append((between[place].removeprefix(newline), newline))
        if between[place + 1]:
            break
    return pieces


def _part(raw: bytes, newline: bytes) -> Part:
    if raw.startswith(newline):
        head, content = b"", raw.removeprefix(newline)
    else:
        head, _, content = raw.partition(newline * 2)
    headers = BytesHeaderParser().parsebytes(head)
    if str(headers.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            content = base64.b64decode(content)
        except binascii.Error:
            raise faults.refusal("2010", "The base64 is broken.", None) from None
    name = headers.get_param("name", "", header="Content-Disposition")
    return Part(
        str(name),
        headers.get_filename("") or "",
        headers.get_content_type() if "Content-Type" in headers else "",
        content,
    )
