from pathlib import Path

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402
from tools.network.yunet import YuNet  # noqa: E402
from tools.train.mean import main  # noqa: E402


def test_a_mean_has_the_shares_that_were_asked_for(tmp_path: Path) -> None:
    networks = [YuNet(), YuNet()]
    paths = [tmp_path / "first.pt", tmp_path / "second.pt"]
    for network, path in zip(networks, paths, strict=True):
        save_checkpoint(network, path, {})
    output = tmp_path / "mean.pt"
    done = CliRunner().invoke(main, [*map(str, paths), "--share", "0.25", "-o", str(output)])
    assert done.exit_code == 0, done.output
    states = [network.state_dict() for network in networks]
    for name, value in load_checkpoint(output).state_dict().items():
        torch.testing.assert_close(
            value.double(), 0.75 * states[0][name].double() + 0.25 * states[1][name].double()
        )
