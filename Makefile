# Targets: setup, run, test, test-all, check, audit, bench, load, faults, site, studies, claims, fuzz, shots, image, image-test. `make run` and `make test` are all that most people need.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8501
BIN := .venv/bin

.PHONY: setup setup-dev run test test-all check audit bench load faults site studies claims fuzz shots image image-test clean

setup: .venv/.ready
setup-dev: .venv/.ready-dev

.venv/.ready: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.ready-dev: requirements-dev.txt .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.browser.firefox
	@touch $@

run: setup
	$(BIN)/streamlit run app.py --server.port $(PORT)

# Every test of the core and the pages with one of its cases, and some of those in a browser, others every day; test-all is all of it, and takes over an hour.
# Tests in a browser that share a page stay together on one of the two processes (tests/browser/conftest.py).
PART := --cases 1
BROWSER_PART := --cases 1 --one-in 3

test: setup-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser $(PART)
	$(BIN)/python -m pytest -n 2 --dist loadgroup tests/browser $(BROWSER_PART)

test-all:
	$(MAKE) test PART= BROWSER_PART=

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py

# Known vulnerabilities of all that requirements.txt brings along; says so, and passes, where nobody can be asked.
audit: setup-dev
	$(BIN)/python -m tests.audit

bench: setup-dev
	$(BIN)/python -m benchmarks

# Plays students without browsers on one process and on the whole site; LOAD names what: process, site, many, churn, or options.
load: setup-dev
	$(BIN)/python -m benchmarks.load $(LOAD)

# Kills, pauses and cuts every part of the site under students at work, each three times.
faults: setup-dev
	$(BIN)/python -m tests.site.faults $(FAULTS)

# The whole site on loopback, as compose.yaml has it in containers: proxy, web processes, scheduler, workers.
site: setup-dev
	$(BIN)/python -m tests.site $(SITE)

# Measures all that the lab says about trained networks again, and compares it with the results that it ships.
studies: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m core.studies

# Puts all claims of the courses on trial and prints the verdicts with their numbers: some minutes on two cores.
claims: setup
	$(BIN)/python -m core.claims

fuzz: setup-dev
	LAB_BULK=10000 LAB_FUZZ=500 $(BIN)/python -m pytest tests -k "bulk or fuzz"

shots: setup-dev
	$(BIN)/python -m tests.browser.shots

image:
	docker build -t regularization-lab .

# Builds the image without a Docker engine (root, buildah; IMAGE_ARGS=--debootstrap where there is no image registry), and loads the lab from it.
image-test: setup-dev
	$(BIN)/python -m tests.image.check $(IMAGE_ARGS)

clean:
	rm -rf .venv build
