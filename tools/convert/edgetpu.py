"""What would map to the Edge TPU: every operator of a TFLite file, held against what its compiler
documents.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import click
from ai_edge_litert import schema_py_generated as schema

from anoncam.errors import AnoncamError, ModelError
from tools.convert.canonical import INT8_VERSIONS

_SUPPORTED = frozenset(
    [
        "ADD",
        "AVERAGE_POOL_2D",
        "CONCATENATION",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "EXPAND_DIMS",
        "FULLY_CONNECTED",
        "L2_NORMALIZATION",
        "LOGISTIC",
        "MAXIMUM",
        "MAX_POOL_2D",
        "MEAN",
        "MINIMUM",
        "MUL",
        "PACK",
        "PAD",
        "PRELU",
        "QUANTIZE",
        "REDUCE_MAX",
        "REDUCE_MIN",
        "RELU",
        "RELU6",
        "RELU_N1_TO_1",
        "RESHAPE",
        "RESIZE_BILINEAR",
        "RESIZE_NEAREST_NEIGHBOR",
        "RSQRT",
        "SLICE",
        "SOFTMAX",
        "SPACE_TO_DEPTH",
        "SPLIT",
        "SQUARED_DIFFERENCE",
        "SQUEEZE",
        "STRIDED_SLICE",
        "SUB",
        "SUM",
        "TANH",
        "TRANSPOSE",
        "TRANSPOSE_CONV",
    ]
)
"""https://coral.ai/docs/edgetpu/models-intro/#supported-operations"""

_SIZE_MATTERS = frozenset(["RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"])
"""By the same page, these "might not be mapped […] to avoid loss in precision", depending on sizes
it does not name."""

_NAMES = {
    number: name
    for name, number in vars(schema.BuiltinOperator).items()
    if not name.startswith("_")
}
_TYPES = {
    number: name for name, number in vars(schema.TensorType).items() if not name.startswith("_")
}
_BYTES = (schema.TensorType.INT8, schema.TensorType.UINT8)

INSTRUCTIONS = """edgetpu_compiler is not on PATH, so nothing was compiled. It runs on x86-64 Linux; in a container:
  docker run --rm -v "$PWD:/work" -w /work debian:bookworm bash -c '
    apt-get update && apt-get install -y curl gnupg &&
    curl https://packages.cloud.google.com/apt/doc/apt-key.gpg | gpg --dearmor > /etc/apt/trusted.gpg.d/coral.gpg &&
    echo "deb https://packages.cloud.google.com/apt coral-edgetpu-stable main" > /etc/apt/sources.list.d/coral.list &&
    apt-get update && apt-get install -y edgetpu-compiler && edgetpu_compiler MODEL.tflite'"""


@dataclass(frozen=True)
class Operator:
    """An operator of the file; `problem` says why it would not map, and is empty if it would.

    Whether one that `depends` on its size maps, the compiler alone knows.
    """

    name: str
    version: int
    dtype: str
    shape: tuple[int, ...]
    problem: str

    @property
    def depends(self) -> bool:
        """Whether the compiler may leave it on the CPU for its size."""
        return not self.problem and self.name in _SIZE_MATTERS


def list_operators(path: Path) -> list[Operator]:
    """Every operator with its version, the type and shape of what it gives, and what keeps it off
    the TPU.
    """
    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise ModelError(f"{path} is not a TFLite model")
    tree = schema.ModelT.InitFromPackedBuf(content, 0)
    graph, listed = tree.subgraphs[0], []
    for operator in graph.operators:
        code = tree.operatorCodes[operator.opcodeIndex]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        tensors = [graph.tensors[index] for index in operator.outputs]
        name = code.customCode.decode() if code.customCode else _NAMES.get(number, str(number))
        activations = [
            graph.tensors[index]
            for index in (*operator.inputs, *operator.outputs)
            if index >= 0 and tree.buffers[graph.tensors[index].buffer].data is None
        ]
        listed.append(
            Operator(
                name,
                code.version,
                _TYPES[tensors[0].type],
                tuple(int(side) for side in tensors[0].shape),
                _problem(name, number, code.version, activations),
            )
        )
    return listed


def _problem(name: str, number: int, version: int, activations: list[schema.TensorT]) -> str:
    if name not in _SUPPORTED:
        return "the compiler knows no such operator"
    if any(tensor.type not in _BYTES for tensor in activations):
        return "not all of its values are 8-bit integers"
    if any(
        side < 1
        for tensor in activations
        for side in (tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape)
    ):
        return "its shape is not static"
    if any(tensor.shape[0] != 1 for tensor in activations):
        return "its batch is not 1"
    if number in INT8_VERSIONS and version > INT8_VERSIONS[number]:
        return f"version {version} is newer than the {INT8_VERSIONS[number]} that TensorFlow's converter writes"
    return ""


def compile_for_tpu(path: Path, output: Path) -> Path:
    """Run `edgetpu_compiler`; the file that it made.

    Raises:
        ModelError: it is not on PATH, it failed, or its log names an operator that stays on the
    CPU.
    """
    if shutil.which("edgetpu_compiler") is None:
        raise ModelError(INSTRUCTIONS)
    command = ["edgetpu_compiler", "--show_operations", "--out_dir", str(output), str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    log = result.stdout + result.stderr
    if result.returncode != 0:
        raise ModelError(f"edgetpu_compiler failed:\n{log}")
    if unmapped := unmapped_operators(log):
        raise ModelError(
            f"edgetpu_compiler left operators on the CPU: {', '.join(unmapped)}",
            "if it is the RESIZE_BILINEAR, convert the checkpoint without an enlargement, as in --size 320x320",
        )
    return output / f"{path.stem}_edgetpu.tflite"


def unmapped_operators(log: str) -> list[str]:
    """What the compiler's log says stays on the CPU.

    Raises:
        ModelError: the log is none that tells.
    """
    on_cpu = re.search(r"Number of operations that will run on CPU: (\d+)", log)
    rows = re.findall(r"^([A-Z0-9_]+)\s+(\d+)\s+(\S.*)$", log, re.MULTILINE)
    if on_cpu is None and not rows:
        raise ModelError(f"the log of edgetpu_compiler does not say what was mapped:\n{log}")
    left = [
        f"{count} {name}: {status.strip()}"
        for name, count, status in rows
        if "Mapped to Edge TPU" not in status
    ]
    return left or ([f"{on_cpu[1]} operators"] if on_cpu and on_cpu[1] != "0" else [])


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--compile",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Compile into this folder.",
)
def main(model: Path, output: Path | None) -> None:
    r"""List every operator of MODEL (.tflite) and whether it would map to the Edge TPU.

    \b
    Example:
      python -m tools.convert.edgetpu models/anoncam-face-320x320.tflite --compile build
    """
    try:
        operators = list_operators(model)
        for operator in operators:
            shape = "x".join(map(str, operator.shape))
            mapped = operator.problem or (
                "maps or not, by its size" if operator.depends else "maps"
            )
            click.echo(
                f"{operator.name:26} v{operator.version}  {operator.dtype:6} {shape:18} {mapped}"
            )
        problems = [operator for operator in operators if operator.problem]
        click.echo(
            f"{len(operators)} operators, {len(problems)} would stay on the CPU with all that follow the first"
        )
        if any(operator.depends for operator in operators):
            click.echo(
                "Whether a resize maps depends on its size, and edgetpu_compiler alone can tell: read its log."
            )
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            click.echo(f"compiled, every operator mapped: {compile_for_tpu(model, output)}")
    except (AnoncamError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if problems:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
