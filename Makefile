PYTHON ?= python3.11
STAGE ?=
export PYTHONPATH := $(CURDIR)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup repro test fuzz mutants programs fer2013 app docs bench verify-repeat lock

help:
	@sed -n 's/^## //p' Makefile

## make setup                     .venv from requirements.txt, when missing or stale
setup:
	@PYTHON="$(PYTHON)" sh checks/environment.sh

## make repro                     the pipeline as params.yaml says (embedded data set)
repro: setup
	dvc repro
	@python -m checks.other_processor

## make fer2013 FER_DATA=folder   the pipeline on the real files; STAGE=arrays stops after a stage
fer2013: setup
	expressions use "$(FER_DATA)"
	dvc repro $(STAGE)

## make test                      lint, types and all tests
test:
	@sh checks/system_packages.sh --may-install
	@$(MAKE) --no-print-directory --jobs=2 programs setup
	ruff check
	ruff format --check
	mypy
	pytest --cov --numprocesses 2 --dist loadfile --no-loadscope-reorder

## make fuzz                      every parser on 10,000 random inputs
fuzz: setup
	pytest -m parser --hypothesis-profile fuzz --numprocesses 2 --dist worksteal

## make mutants                   guards taken out one at a time: does a test notice?
mutants: setup
	python -m checks.mutants

programs:
	@sh checks/system_packages.sh

## make app                       a page in the browser to try the model on own pictures
app: setup
	expressions app

## make docs                      the documentation, as pages in build/docs/
docs: setup
	NO_MKDOCS_2_WARNING=1 mkdocs build --quiet

## make bench FER_DATA=folder     the benchmarks
bench: setup
	@for benchmark in benchmarks/*.py; do FER_DATA="$(FER_DATA)" python $$benchmark || exit 1; done

## make verify-repeat             the pipeline twice, in different surroundings: the same bytes?
verify-repeat: setup
	python -m checks.repeat

## make lock                      requirements.txt from requirements.in
lock:
	uv pip compile --quiet --generate-hashes --python-version 3.11 \
	  --python-platform x86_64-manylinux_2_28 --no-emit-index-url --no-emit-find-links \
	  --no-header --output-file requirements.txt requirements.in
