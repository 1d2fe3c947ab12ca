# Development recipes, run in the environment that `sh .ci/setup` creates; it includes just:
# .venv/bin/just. COPYDESK_VENV selects another environment.

set positional-arguments

export COPYDESK_VENV := env("COPYDESK_VENV", ".venv")
python := COPYDESK_VENV / "bin" / "python"
pip := python + " -m pip install --quiet --constraint constraints.txt"

# List the recipes
default:
    @just --list

# Create or update the environment: the project, tests, style, types, docs
setup:
    sh .ci/setup

# Run the quick tests; arguments go to pytest
test *arguments:
    sh .ci/pytest "$@"

# Run the slow tests too, except those that take minutes
test-slow *arguments:
    sh .ci/pytest -m "not soak" "$@"

# Run the tests that take minutes: kills at every step, hostile documents at full size
test-soak *arguments:
    sh .ci/pytest -m soak "$@"

# Check style, format and the direction of imports
lint:
    {{ python }} -m ruff check .
    {{ python }} -m ruff format --check .
    {{ COPYDESK_VENV }}/bin/lint-imports

# Fix style and format
fix:
    {{ python }} -m ruff check --fix .
    {{ python }} -m ruff format .

# Check types
types:
    {{ python }} -m mypy

# Check that the generated files are up to date
generated:
    sh .ci/generated

# Build the docs as HTML, in build/docs
docs:
    {{ python }} -m sphinx -q -W docs build/docs

# Run a benchmark by name (html_pages, licences …), with its arguments
bench name *arguments:
    {{ pip }} --group bench
    name="$1"; shift; {{ python }} -m "benchmarks.$name" "$@"

# Train the HTML model on labelled pages (docs/model-card.md)
train data="../shared/data" *arguments:
    {{ pip }} --group train
    {{ python }} -m training.train --data "$@"
