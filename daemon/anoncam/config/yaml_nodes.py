"""Read YAML text into nodes with line numbers, and nodes into plain values.

Only what a configuration needs is read: keys, lists, texts, numbers, on/off and null. No objects
are made. Aliases are refused, since a few lines of them can stand for gigabytes. Deep nesting is
refused too. Numbers are decimal: YAML 1.1 reads ``1:30`` as 90 and ``010`` as 8. Here the first is
a text and the second is 10.
"""

import re
from collections.abc import Callable

import yaml
from yaml.composer import Composer, ComposerError
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

_DEEPEST = 12
_PREFIX = "tag:yaml.org,2002:"
_BOOL = re.compile(r"(?i:true|false|yes|no|on|off)\Z")
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
# Longer ones are read as float: Python refuses to make an int of thousands of digits.
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_READERS: dict[str, Callable[[str], object]] = {
    "bool": lambda text: text.lower() in {"true", "yes", "on"},
    "null": lambda _: None,
    "int": int,
    "float": float,
}

_INDICATORS = (
    "a value that begins with &, * or ! means something else in YAML, "
    "must stand in quotes if it is meant as text"
)
_DEEP = f"is nested more than {_DEEPEST} levels deep, no setting is"
# What PyYAML reports, and what that means for the person who edits the file.
_EXPLANATIONS = (
    ("character '\\t'", "a tab stands here, must be indented with spaces"),
    ("found another document", "a second document begins here, must be one (without a line ---)"),
    (
        "mapping values are not allowed",
        "a second ': ' stands here, text that holds one must be in quotes",
    ),
    ("could not find expected ':'", "a key lacks its ':', must be written as key: value"),
    (
        "expected <block end>",
        "is indented unlike the lines above, keys of one section must begin in one column",
    ),
    ("expected ',' or ']'", "a list lacks a comma or its closing ], must be written as [a, b]"),
    (
        "expected ',' or '}'",
        "a section in braces lacks a comma or its closing }, must be written as {key: value}",
    ),
    ("found unexpected end of stream", "a quote is never closed, must be closed on the same line"),
)


class SyntaxProblemError(Exception):
    """The text is not YAML, or it is YAML that is refused; `line` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise ComposerError(None, None, _INDICATORS, event.start_mark)
        if self._depth > _DEEPEST:
            raise ComposerError(None, None, _DEEP, event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_Loader.add_implicit_resolver(f"{_PREFIX}bool", _BOOL, list("tTfFyYnNoO"))
_Loader.add_implicit_resolver(f"{_PREFIX}null", _NULL, ["~", "n", "N", ""])
_Loader.add_implicit_resolver(f"{_PREFIX}int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver(f"{_PREFIX}float", _FLOAT, list("-+.0123456789"))


def compose(text: str) -> yaml.Node | None:
    """The root node of the text's only document; None when it is empty.

    Raises:
        SyntaxProblemError: it cannot be read.
    """
    loader = None
    try:
        loader = _Loader(text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SyntaxProblemError(
            mark.line + 1 if mark else 1, _explain(error.problem or "")
        ) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SyntaxProblemError(
            line, "a control character stands here, must be plain text"
        ) from None
    except (ValueError, OverflowError):
        # Escapes of characters that do not exist, and version numbers of thousands of digits.
        line = loader.line + 1 if loader else 1
        raise SyntaxProblemError(
            line, "is not valid YAML, must not name characters that do not exist"
        ) from None


def value_of(node: yaml.Node) -> object:
    """The value: text, number, bool, None, list or dict with text keys."""
    if isinstance(node, yaml.SequenceNode):
        return [value_of(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {text_of(key): value_of(value) for key, value in node.value}
    read = _READERS.get(node.tag.removeprefix(_PREFIX), str)
    return read(node.value)


def text_of(node: yaml.Node) -> str:
    """A scalar on one line, as it stands in the text; of others, only their kind."""
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "a group of keys"
    text: str = node.value if node.value.isprintable() else ascii(node.value)[1:-1]
    return text


def is_null(node: yaml.Node) -> bool:
    """Whether the node is null; an empty value is null too."""
    return bool(node.tag == f"{_PREFIX}null")


def _explain(problem: str) -> str:
    if problem in {_INDICATORS, _DEEP}:
        return problem
    for part, meaning in _EXPLANATIONS:
        if part in problem:
            return meaning
    # PyYAML quotes parts of the text, perhaps of a password: only single characters stay.
    return "is not valid YAML (" + re.sub(r"(['\"])(?:(?!\1).){2,}\1", "something", problem) + ")"
