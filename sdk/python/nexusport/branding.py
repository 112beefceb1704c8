"""Brands: what a customer sees. Everything returned is data and small markup, which the host cleans before anyone sees it. A
module has a class `Branding` with the functions of the interface."""

from html import escape as _escape

from wit_world.exports.branding import (
    Description,
    Document,
    DocumentRequest,
    Label,
    Message,
    MessageRequest,
    Theme,
    Value,
)

from .common import Extra, about, json

__all__ = [
    "Description", "Document", "DocumentRequest", "Extra", "Label", "Message", "MessageRequest", "Theme", "Value", "about",
    "escape", "json", "lines", "list_html", "value_of",
]  # fmt: skip


def value_of(values: list[Value], name: str) -> str:
    """The value of that name, or nothing."""
    return next((value.value for value in values if value.name == name), "")


def escape(text: str) -> str:
    """Makes text safe to stand in markup."""
    return _escape(text).replace("&#x27;", "&#39;")


def lines(values: list[Value]) -> str:
    """Each value that has a text, a line of `name: value` for it."""
    return "".join(f"{value.name}: {value.value}\n" for value in values if value.value)


def list_html(values: list[Value]) -> str:
    """The same as a list in markup."""
    items = "".join(f"<li>{escape(value.name)}: {escape(value.value)}</li>" for value in values if value.value)
    return f"<ul>{items}</ul>" if items else ""
