# Needs git, make and python3 with venv (Debian: apt install git make python3-venv); fetches the rest by pip.

PYTHON ?= python3
VENV ?= .venv
VENV_FLAGS ?=
SOURCE ?=
MINUTES ?= 60
SUITE ?= trixie
ARCH ?= arm64
CHECKPOINT ?= models/anoncam-face.pt
PICTURES ?= ../shared/data/faces/train
LABELLED ?= ../shared/data/faces/val

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo check test test-faults soak fuzz test-system test-outlets soak-rtsp lint bench models test-tools deb release clean

PIP = $(1)/bin/python -m pip install --quiet --disable-pip-version-check

help:  ## List what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do printf '  make %-14s%s\n' "$$name" "$$text"; done

venv: $(VENV)/installed  ## Set up .venv with everything that demo and tests need

demo: $(VENV)/installed  ## Run the daemon for 20 s on footage of a face, or on SOURCE=video.mp4
	@$(VENV)/bin/python -m tools.demo $(if $(SOURCE),"$(SOURCE)")

check: $(VENV)/installed  ## Run linter, types, import contract and unit tests: for every day, under 2 minutes
	@$(VENV)/bin/python -m ruff check
	@$(VENV)/bin/python -m ruff format --check
	@$(VENV)/bin/python -m mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/python -m pytest -n auto -m "not integration" --ignore tests/test_lint.py

test: $(VENV)/installed  ## Run all tests, linter and type checker among them
	@$(VENV)/bin/python -m pytest -n auto --dist worksteal --durations 20

test-faults: $(VENV)/installed  ## Break the running daemon in every way we know, and look at what it leaves
	@$(VENV)/bin/python -m pytest tests/faults

soak: $(VENV)/installed  ## Break one daemon in random ways for an hour, or for MINUTES
	@$(VENV)/bin/python -m tests.faults.soak --minutes $(MINUTES)

fuzz: $(VENV)/installed  ## Feed changed files and messages to all that reads some, for an hour or for MINUTES
	@$(VENV)/bin/python -m tests.fuzz --minutes $(MINUTES)

test-system: $(VENV)/installed  ## Install, run, kill and inspect the service in booted containers (root; Debian: see .ci/run)
	@$(VENV)/bin/python -m pytest tests/system

test-outlets: $(VENV)/installed  ## Let other people's programs read and store what leaves the device (Debian: see .ci/run)
	@$(VENV)/bin/python -m pytest tests/outlets

soak-rtsp: $(VENV)/installed  ## Let five readers watch by RTSP for MINUTES (10 are enough), beside one that stops reading
	@$(VENV)/bin/python -m tests.outlets.soak_rtsp --minutes $(MINUTES)

lint: $(VENV)/installed  ## Run the linter and the type checker alone
	@$(VENV)/bin/python -m pytest -q tests/test_lint.py

bench: $(VENV)/installed-bench  ## Measure time, memory and coverage, beside ffmpeg and deface
	@$(VENV)/bin/python -m tools.bench

models: $(VENV)-tools/installed  ## Convert and verify the detector anew from CHECKPOINT, PICTURES and LABELLED
	@$(VENV)-tools/bin/python -m tools.convert "$(CHECKPOINT)" $(SIZES:%=--size %) --calibrate "$(PICTURES)" --verify "$(LABELLED)" --to tflite --to coreml --to mlmodel --output models

test-tools: $(VENV)-tools/installed  ## Train, resume, evaluate, convert and verify in miniature (2 GB of packages)
	@$(VENV)-tools/bin/python -m pytest -p no:anyio tests/tools

deb: $(VENV)/installed  ## Build dist/anoncam_*.deb for SUITE=trixie or bookworm, ARCH=arm64 or amd64
	@systemd/debian/build $(SUITE) $(ARCH) $(VENV)/bin/python

release: $(VENV)/installed $(VENV)-release/installed  ## Build dist: wheel, packages of both suites for amd64 and arm64, SBOM, checksums
	@release/artifacts $(VENV)/bin/python $(VENV)-release/bin/cyclonedx-py

clean:  ## Remove what make has made
	rm -rf $(VENV) $(VENV)-tools $(VENV)-release dist demo-output .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# What enlarges its input, and to what, after @: models/README.md has what it buys.
SIZES = 320x320@384x384 640x384 800x480 640x640@768x768

# Each stamp is made anew when the packages asked for change.
$(VENV)/installed: setup.py pyproject.toml
	$(call make_venv,$(VENV))
	@echo 'installing anoncam and what its demo and tests need'
	@$(call PIP,$(VENV)) --editable '.[demo,test,web]'
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed
	@echo 'installing what the benchmark compares with'
	@$(call PIP,$(VENV)) --editable '.[bench]'
	@touch $@

$(VENV)-tools/installed: setup.py pyproject.toml
	$(call make_venv,$(VENV)-tools)
	@echo 'installing what trains and converts the detector: some minutes'
	@$(call PIP,$(VENV)-tools) --editable '.[tools,demo,test]'
	@touch $@

$(VENV)-release/installed: release/requirements-release.txt
	$(call make_venv,$(VENV)-release)
	@$(call PIP,$(VENV)-release) --require-hashes --requirement release/requirements-release.txt
	@touch $@

define make_venv
@echo 'making $(1)'
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("anoncam needs Python 3.11 or newer: give one with PYTHON=…")'
@$(PYTHON) -m venv $(VENV_FLAGS) $(1)
endef
