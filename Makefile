# Every target works on a fresh machine with Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TAG ?= dangjik:0.1.0
ARGS ?=

.PHONY: demo console install test check test-long evals bench mutate lab image image-check sbom audit lock

demo: install ## the whole product against a local sandbox; no key, no account
	$(BIN)/python -m bot demo $(ARGS)

console: install ## the same with the web console in front of it
	$(BIN)/python -m bot demo --console 7860 $(ARGS)

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

test: install ## one worker more than there are cores
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test-long: install
	$(BIN)/python -m pytest -m long $(ARGS)

evals: install
	$(BIN)/python -m tests.evals $(ARGS)

bench: install
	$(BIN)/python -m tests.bench $(ARGS)

mutate: install ## a seeded sample of mutants of the kill path, with who survived
	$(BIN)/python -m tests.mutate $(ARGS)

lab: install
	$(BIN)/python -m tests.lab $(ARGS)
	$(if $(filter --all,$(ARGS)),$(BIN)/python -m tests.image)

image: ## with docker, podman or buildah, whichever works here
	@for engine in docker podman buildah; do \
	  if $$engine info >/dev/null 2>&1; then exec $$engine build --tag $(TAG) $(ARGS) .; fi; \
	done; echo "make image: neither docker nor podman nor buildah works here" >&2; exit 1

image-check: install ## builds it where nothing can be pulled, and plays an incident in it
	$(BIN)/python -m tests.image $(ARGS)

sbom: install ## what the image installs, in CycloneDX
	mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements-runtime.lock --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

audit: install ## is a vulnerability known in what the image installs?
	$(BIN)/python scripts/audit.py $(ARGS)

lock: ## needs uv; the only way the locks change; the others hold a part of the first
	uv pip compile pyproject.toml --extra api --extra console --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	uv pip compile pyproject.toml --extra api --constraint requirements.lock \
	  --excludes requirements-excluded.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-runtime.lock
	uv pip compile --group build --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-build.lock
