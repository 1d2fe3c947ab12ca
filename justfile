# Recipes for work on copydesk, in the environment that `sh .ci/setup` makes; just comes with it:
# .venv/bin/just. COPYDESK_VENV names another environment.

set positional-arguments

export COPYDESK_VENV := env("COPYDESK_VENV", ".venv")
python := COPYDESK_VENV / "bin" / "python"
pip := python + " -m pip install --quiet --constraint constraints.txt"

# List the recipes
default:
    @just --list

# Make the environment, or bring it up to date: the project, tests, style, types, docs
setup:
    sh .ci/setup

# The quick tests; arguments go to pytest
test *arguments:
    sh .ci/pytest "$@"

# The slow tests too, but those that take minutes
test-slow *arguments:
    sh .ci/pytest -m "not soak" "$@"

# Those that take minutes: kills at every step, hostile documents at full size
test-soak *arguments:
    sh .ci/pytest -m soak "$@"

# Style, format and the direction of imports
lint:
    {{ python }} -m ruff check .
    {{ python }} -m ruff format --check .
    {{ COPYDESK_VENV }}/bin/lint-imports

# Mend style and format
fix:
    {{ python }} -m ruff check --fix .
    {{ python }} -m ruff format .

# Types
types:
    {{ python }} -m mypy

# Are generated files as the code and the data make them?
generated:
    sh .ci/generated

# The docs as pages, in build/docs
docs:
    {{ python }} -m sphinx -q -W docs build/docs

# A benchmark by its name (html_pages, licences …), with its arguments
bench name *arguments:
    {{ pip }} --group bench
    name="$1"; shift; {{ python }} -m "benchmarks.$name" "$@"

# Train the HTML model on labelled pages (docs/model-card.md)
train data="../shared/data" *arguments:
    {{ pip }} --group train
    {{ python }} -m training.train --data "$@"
