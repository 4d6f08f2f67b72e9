"""A manual page in roff, of one click command."""

import re
from collections.abc import Iterable

import click

SECTION = "1"


def page(command: click.Command, context: click.Context, *, date: str, version: str) -> str:
    """The manual page of `command`, whose full name is that of `context`.

    Source of the macros: man(7).
    """
    name = context.command_path.replace(" ", "-")
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.TH "{name.upper()}" "{SECTION}" "{date}" "anoncam {version}" "anoncam"',
        ".SH NAME",
        f"{_text(name)} \\- {_text(_first_sentence(command))}",
        ".SH SYNOPSIS",
        rf"\fB{_text(context.command_path)}\fR {_text(usage)}",
        ".SH DESCRIPTION",
        *_paragraphs(command.help or ""),
        *_options(command, context),
        *_commands(command, context),
        *_epilog(command.epilog or ""),
        ".SH SEE ALSO",
        r"\fBanoncam\fR(1), /usr/share/doc/anoncam/operations.md",
    ]
    return "\n".join(lines) + "\n"


def _first_sentence(command: click.Command) -> str:
    first = (command.help or "").strip().split("\n\n")[0].split("\n")
    return " ".join(line.strip() for line in first).split(". ")[0].rstrip(".")


def _options(command: click.Command, context: click.Context) -> Iterable[str]:
    records = [
        record
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context)) is not None and record[1]
    ]
    if records:
        yield ".SH OPTIONS"
    for names, text in records:
        yield from (".TP", rf"\fB{_text(names)}\fR", _text(text))


def _commands(command: click.Command, context: click.Context) -> Iterable[str]:
    if not isinstance(command, click.Group):
        return
    yield ".SH COMMANDS"
    prefix = context.command_path.replace(" ", "-")
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        if inner is not None:
            yield from (".TP", rf"\fB{_text(f'{prefix}-{name}')}\fR({SECTION})")
            yield _text(inner.get_short_help_str(limit=200))


def _epilog(epilog: str) -> Iterable[str]:
    """What stands below the options; a block after a backspace, click's mark, keeps its lines."""
    for block in re.split(r"\s*\x08\n", epilog.rstrip()):
        lines = block.rstrip().split("\n")
        if lines[0].rstrip().rstrip(":") in ("Example", "Examples"):
            yield from (".SH EXAMPLES", ".nf", *map(_text, lines[1:]), ".fi")
        elif block.strip():
            yield from (".SH NOTES", ".nf", *map(_text, lines), ".fi")


def _paragraphs(text: str) -> Iterable[str]:
    for paragraph in re.sub(r"\x08\n?", "", text).strip().split("\n\n"):
        yield from (".PP", _text(" ".join(line.strip() for line in paragraph.split("\n"))))


def _text(text: str) -> str:
    """The text with what roff would take for its own escaped."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
