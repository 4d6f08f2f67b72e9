"""The command line of `python -m tools.convert.edgetpu`."""

from pathlib import Path

import click

from tools.common.errors import errors_in_one_line
from tools.convert.edgetpu_operators import list_operators


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  python -m tools.convert.edgetpu models/anoncam-face-320x320.tflite
""",
)
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(model: Path) -> None:
    """List every operator of MODEL (.tflite) and whether it would map to the Edge TPU.

    The exit code is 1 if an operator would not. tools/edgetpu/compile compiles it.
    """
    with errors_in_one_line():
        operators = list_operators(model)
        for operator in operators:
            shape = "x".join(map(str, operator.shape))
            mapped = operator.problem or (
                "maps, depending on its size" if operator.depends else "maps"
            )
            version = f"v{operator.version}"
            click.echo(f"{operator.name:26} {version}  {operator.dtype:6} {shape:18} {mapped}")
        problems = [operator for operator in operators if operator.problem]
        click.echo(
            f"{len(operators)} operators, {len(problems)} would stay on the CPU, with all operators"
            " after the first of them"
        )
        if any(operator.depends for operator in operators):
            click.echo("Whether a resize maps depends on its size: only edgetpu_compiler knows.")
    if problems:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
