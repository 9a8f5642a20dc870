# Every target says what it does while it does it. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build dist test test-release test-shipped coverage lint format bench gates simulate fuzz sanitize soak soak-checks crash pictures docker-check chart-check book newcomer clean

ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build in release mode and start the gateway on its embedded broker (ARGS="--server ..." to point it elsewhere)
	@echo "==> Starting natsight serve $(ARGS)"
	@exec "$$(scripts/build --show-bin)/natsight" serve $(ARGS)

build: ## Set up what the build needs and build the command in release mode
	@scripts/setup build
	@scripts/build

dist: ## Make a release in dist/: .deb, .tar.gz, symbols, SBOM, checksums
	@scripts/setup build
	@scripts/dist

test: ## Set up what the tests need, check the format, build once and run every test
	@scripts/setup build test
	@scripts/lint
	@scripts/test-pages
	@scripts/test

test-release: ## Run every test in release mode, in a scratch folder of its own
	@scripts/setup build test
	@BUILD_OPTIONS="-c release -Xswiftc -enable-testing --scratch-path .build-test-release" scripts/test

test-shipped: ## Run the tests of the command against the command as it ships
	@scripts/setup build test
	@scripts/build
	@echo "==> Testing $$(scripts/build --show-bin)/natsight"
	@NATSIGHT_PRODUCTS="$$(scripts/build --show-bin)" scripts/test --filter IntegrationTests

coverage: ## Run the suite with counters and print the lines covered of each module
	@scripts/setup build test
	@scripts/coverage

lint: ## Check format and house rules
	@scripts/lint

format: ## Rewrite the sources in the house format
	@echo "==> Formatting Sources, Tests, Benchmarks and Package.swift"
	@swift format format --in-place --parallel --recursive Sources Tests Benchmarks Package.swift

bench: ## Measure against nats-server, side by side (BENCH="varz gather broker memory fleet events beside record history judge" to choose)
	@scripts/setup build bench
	@scripts/build
	@scripts/play
	@Benchmarks/run $(BENCH)

gates: ## Count the instructions of hot paths and compare them with Benchmarks/gates.txt (scripts/gates --write to take them over)
	@scripts/setup build gates
	@scripts/gates

simulate: ## Run SCHEDULES=10000000 virtual faults against the system model, from seed FIRST=1, for SECONDS_MAX=3600 at most
	@scripts/setup build
	@scripts/simulate

fuzz: ## Fuzz the parsers, SECONDS_EACH=60 seconds each
	@scripts/setup build
	@scripts/fuzz

sanitize: ## Run the suite under the thread and the address sanitizer
	@scripts/setup build test
	@scripts/sanitize

soak: ## Connect, subscribe, publish and vanish for SOAK_SECONDS=120 and watch for growth
	@scripts/setup build test
	@scripts/build
	@scripts/soak

soak-checks: ## Restart and upgrade a healthy supercluster under load for SOAK_SECONDS=1800 and look for false alarms (NATS_SERVER_NEXT=…)
	@scripts/setup build test
	@scripts/build
	@scripts/soak-checks

crash: ## Kill what records KILLS=100 times in the middle of it, fill its disk, and read what is there afterwards
	@scripts/setup build test
	@NATSIGHT_KILLS=$${KILLS:-100} scripts/test --filter 'RecordKillTests|KilledGatewayTests'

pictures: ## Play a night and take the pictures of README and docs from its record
	@scripts/pictures

docker-check: ## Replay the Dockerfile's steps in a scratch folder, without a Docker engine
	@scripts/check-dockerfile

chart-check: ## Render the Helm chart, let the command read its configuration, hold all manifests against Kubernetes' schemas (from PyPI; no cluster)
	@scripts/setup build test
	@scripts/build
	@scripts/check-chart --natsight "$$(scripts/build --show-bin)/natsight"

book: ## Run the commands of README and docs with the command as it ships, and follow every link
	@scripts/setup build test
	@scripts/build
	@scripts/book check
	@scripts/book run --natsight "$$(scripts/build --show-bin)/natsight" && echo "✔ The book is as it says"

newcomer: ## Install the package into a clean Debian, follow the book there, meet what stands in the way, upgrade, purge (root, debootstrap)
	@scripts/newcomer

clean: ## Remove everything that was built
	@echo "==> Removing .build, .build-*"
	@rm -rf .build .build-*
