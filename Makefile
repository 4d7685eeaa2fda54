PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13,$(shell command -v $(name))) python3.11)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

# numba does not see that a file which a compiled function calls into has changed
COMPILED := .cache/compiled
SOURCES := $(wildcard detectors/windows/*.py detectors/models/*.py detectors/customers/*.py detectors/campaigns/*.py detectors/exposure/*.py \
	connectors/*.py connectors/files/*.py)

.PHONY: demo test test-reorgs test-cluster check bench bench-authors bench-campaigns bench-listings bench-rushes bench-flags bench-emscad \
	bench-detection bench-amlsim bench-models bench-exchange bench-cluster
demo: $(STAMP) $(COMPILED)
	@$(BIN)/manumit demo $(ARGS)

# one file of tests after the other on each of two cores
test: $(STAMP) $(COMPILED)
	@scripts/servers
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# 1,000 random reorgs of a real node; `make test` does 40
test-reorgs: $(STAMP) $(COMPILED)
	@scripts/servers
	@MANUMIT_TEST_REORGS=1000 $(BIN)/python -m pytest tests/streams/test_random_reorgs.py $(ARGS)

# every number of workers and shards, and 200 processes killed at random moments; `make test` has a short form
test-cluster: $(STAMP) $(COMPILED)
	@scripts/servers
	@MANUMIT_TEST_KILLS=200 MANUMIT_TEST_CLUSTER=long $(BIN)/python -m pytest \
		tests/streams/test_parity.py tests/streams/test_chaos.py tests/streams/test_agents.py \
		tests/streams/test_failures.py $(ARGS)

check: $(STAMP)
	@scripts/check

bench: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench $(ARGS)

# a weak hint at one author: how often it is right on made-up ones
bench-authors: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.authors $(ARGS)

bench-campaigns: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.campaigns $(ARGS)

bench-exchange: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.exchange $(ARGS)
	@$(BIN)/python -m bench.customer_http

# from the broker to an alert in the store, beside a plain Faust agent; ends with 1 where a goal is missed
bench-cluster: $(STAMP) $(COMPILED)
	@scripts/servers
	@$(BIN)/python -m bench.cluster $(ARGS)

# how rarely the listing pack speaks about ordinary adverts; skips where the real ones are not
bench-listings: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.listing_pack $(ARGS)

# rushes of short stays planted among real reviews of lets; skips where the real ones are not
bench-rushes: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.rushes $(ARGS)

# our flags against people's on fifty labelled job adverts, after the same bar as bench-listings; skips what is not there
bench-flags: bench-listings
	@$(BIN)/python -m bench.human_flags $(ARGS)

# the model of job adverts on your copy of EMSCAD: make bench-emscad ARGS=emscad.csv
bench-emscad: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.emscad $(ARGS)

# planted cases among real transfers, and the alert budget; real blocks by MANUMIT_SHARED_DATA
bench-detection: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.detection $(ARGS)

bench-amlsim: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.amlsim $(ARGS)

bench-models: $(STAMP) $(COMPILED)
	@$(BIN)/python -m bench.models $(ARGS)

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "need Python 3.11 to 3.13: make PYTHON=python3.12"; exit 2; }
	@echo "manumit: installing into $(VENV) (a few minutes the first time)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

$(COMPILED): $(SOURCES)
	@mkdir -p .cache
	@find detectors connectors \( -name '*.nbi' -o -name '*.nbc' \) -delete
	@touch $@
