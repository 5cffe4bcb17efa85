# Two commands matter: `make run` and `make test`. Each does its own set-up; see deploy/bootstrap.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test lint fmt docs bench bench-resilience bench-memory bench-peers bench-turns bench-stutter bench-own-voice bench-wake bench-commands bench-doubts bench-true-size soak chaos doctor clean

help: ## Say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 26

run: ## Set up what is needed and start Nightingale at http://127.0.0.1:8000
	@deploy/bootstrap run
	@exec .venv/bin/nightingale serve

test: ## Set up what is needed and run every check and test
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	PYTHONHASHSEED=0 .venv/bin/pytest --numprocesses auto --maxprocesses 4 --dist loadfile -m "not browser"
	.venv/bin/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "browser and not realtime" tests/browser
	.venv/bin/pytest -m realtime tests/browser

lint: ## Only the checks: format, lint, types, import rule
	@deploy/bootstrap test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

fmt: ## Format the code and mend what can be mended
	@deploy/bootstrap test
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

docs: ## Write docs/settings.md anew from the settings themselves
	@deploy/bootstrap test
	.venv/bin/python -m tests.made.settings_page > docs/settings.md.new
	mv docs/settings.md.new docs/settings.md

bench: ## Time each stage of a turn on this machine
	@deploy/bootstrap test
	.venv/bin/python -m bench

bench-resilience: ## Time breakers, Redis, and the way from a dead engine to the next
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.resilience

bench-memory: ## Which memories a question finds, what each ingredient brings, and how long it takes
	@deploy/bootstrap test
	.venv/bin/python -m bench.memory

bench-peers: ## Nightingale beside Pipecat, LiveKit Agents and FastRTC (hours); ARGS=--quick for minutes of it
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.peers $(ARGS)

bench-turns: ## How soon, and how wrongly, the end of a turn is seen
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.turns

bench-stutter: ## How often somebody who stutters, or speaks slowly, is cut off, with each patience
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.turns.stutter

bench-own-voice: ## What of a reply's echo is taken for somebody who speaks, and who is still heard over it
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.own_voice

bench-wake: ## How well the wake words are heard, and what is mistaken for them; ARGS="--hours 2" for more of that
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.wake $(ARGS)

bench-commands: ## Which spoken controls are understood: as text, and through speech made by several voices
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.commands $(ARGS)

bench-doubts: ## What the built-in recogniser's confidence is worth, and who is asked needlessly; see ARGS=--help
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.doubts $(ARGS)

bench-true-size: ## From the last sound of a question to the first of its answer, on models of true size; see ARGS=--help
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.true_size $(ARGS)

soak: ## Half an hour of talk, then fifty at once: does anything grow? ARGS="--minutes 3 --sessions 1" for less
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m bench.soak $(ARGS)

chaos: ## A thousand turns while everything breaks: what was lost, and how long until a sign of life
	@deploy/test-packages
	@deploy/bootstrap test
	.venv/bin/python -m tests.chaos

doctor: ## Say what is installed, what is missing, and what to do
	@deploy/bootstrap run
	@.venv/bin/nightingale doctor

clean: ## Remove .venv, .tools and caches; never your data
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/results tests/screenshots
	find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +
