"""Reads what a client posts: form, multipart or JSON."""

import json
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl


class BadForm(Exception):
    """The body is not what its headers say."""


@dataclass(frozen=True)
class Form:
    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def read_form(content_type: str, body: bytes, query: str = "") -> Form:
    values = dict(parse_qsl(query, keep_blank_values=True))
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return _multipart(content_type, body, values)
        if kind == "application/json" and body:
            items = json.loads(body)
            if not isinstance(items, dict):
                raise BadForm
            texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in items.items()}
            return Form(values | texts)
        return Form(values | dict(parse_qsl(body.decode(), keep_blank_values=True)))
    except (ValueError, UnicodeDecodeError) as error:
        raise BadForm from error


def _multipart(content_type: str, body: bytes, values: dict[str, str]) -> Form:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise BadForm
    files: dict[str, bytes] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise BadForm
        if part.get_filename() is None:
            values[name] = content.decode()
        else:
            files[name] = content
    return Form(values, files)
