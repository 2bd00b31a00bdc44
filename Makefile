# Everything a person or a pipeline does here. Each target sets up what it needs itself.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -o errexit -o pipefail -o nounset -c
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Where `make install` puts what systemd/installed-files.txt lists, and the processor that it is for: x64 or arm64.
DESTDIR ?=
NODE_ARCH ?= $(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
NODE_PACKAGE := packer/node/node_modules/node-linux-$(NODE_ARCH)
# Source of `make run`: dir or s3.
SOURCE ?= dir
# Its engine: stand-in, presto or trino.
ENGINE ?= stand-in
# Of the image: its distribution, its processor, and what else Packer is told. packer/stage.sh says what goes into it.
BASE ?= al2023
ARCH ?= x86_64
PACKER_ARGS ?=
IMAGE_DIR := dist/image/$(BASE)-$(ARCH)
# Extra arguments for vitest: make test TEST='test/unit --bail 1'.
TEST ?=

VITEST := node_modules/.bin/vitest run --config
SHELL_SCRIPTS := $(shell git ls-files '*.sh' .ci/run systemd/bin systemd/analytics-run 2>/dev/null)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup setup-node setup-python
setup: setup-node setup-python ## Install what build and tests need, into this checkout
setup-node: node_modules/.package-lock.json
setup-python:
	@test/tools/setup-python.sh >/dev/null

# npm writes this file last, so it is newer than the lock file exactly when the lock file was installed whole.
node_modules/.package-lock.json: package-lock.json
	@node test/tools/check-node.mjs
	@# npm ci would empty the directory behind the link, which belongs to another checkout.
	@if [[ -L node_modules ]]; then echo 'node_modules is a link: remove it, or install where it leads' >&2; exit 73; fi
	npm ci

.PHONY: build
build: setup-node ## Bundle dist/gateway-agent.cjs and dist/gatewayctl.cjs
	node test/tools/build.mjs

.PHONY: run
run: build ## Run the gateway here on an example; SOURCE=s3: from a local S3 server; ENGINE=presto or trino: a real engine
ifeq ($(SOURCE),s3)
run: setup-python
endif
run:
	@exec node test/run/run.mjs --source $(SOURCE) --engine $(ENGINE)

.PHONY: test
test: setup ## All tests that need no root: unit, property, contract, integration, bundle
	$(VITEST) test/vitest.config.ts $(TEST)

.PHONY: e2e
e2e: setup build $(NODE_PACKAGE)/bin/node ## Tests that need a JVM, root or Debian packages; says first what it installs
	@test/tools/setup-e2e.sh >/dev/null
	@for engine in presto trino; do test/tools/setup-engine.sh $$engine >/dev/null; done
	$(VITEST) test/vitest.e2e.config.ts $(TEST)

.PHONY: torture
torture: setup build soak ## The long form of the property, mutation, kill and hostile S3 tests, and the soak
	TORTURE=1000000 $(VITEST) test/vitest.config.ts plan.property core/model mutations killed request-crash crash-points crash-files unit/hostile integration/hostile

.PHONY: soak
soak: setup build ## 100,000 cycles with changes mixed in, and what the agent holds before and after
	node test/soak/run.mjs

.PHONY: bench
bench: setup build $(NODE_PACKAGE)/bin/node ## Measure the figures beside peers, in up to 50 minutes; says first what it installs; writes test/bench/RESULTS.md
	node test/bench/bench.mjs

.PHONY: check
check: lint audit build ## What CI runs before the tests: format, lint, types, known vulnerabilities, build

.PHONY: lint
lint: setup ## Format and lint of all files, types, shell scripts, white space, units
	node_modules/.bin/biome check --error-on-warnings .
	node_modules/.bin/tsc --noEmit
	test/tools/lint-shell.sh $(SHELL_SCRIPTS)
	test/tools/lint-whitespace.sh
	test/tools/lint-units.sh

# A registry that has no advisories fails no build; the line that it leaves is printed again at the end of .ci/run.
.PHONY: audit
audit: setup-node ## Ask the registry for known vulnerabilities of the npm packages, and say so where it has no answer
	node test/tools/audit.mjs --summary dist/audit.txt

.PHONY: fmt
fmt: setup ## Format all files
	node_modules/.bin/biome check --write .
	test/tools/lint-shell.sh --fix $(SHELL_SCRIPTS)

# The Node that the gateway runs on: the official binary, from a package that its lock file pins and checksums.
$(NODE_PACKAGE)/bin/node: packer/node/package-lock.json
	npm ci --prefix packer/node --os=linux --cpu=$(NODE_ARCH)
	@touch $@

.PHONY: install
install: build $(NODE_PACKAGE)/bin/node ## Install the gateway below DESTDIR, with its Node (NODE_ARCH=x64 or arm64)
	DESTDIR="$(DESTDIR)" NODE_DIR=$(NODE_PACKAGE) systemd/install.sh install

.PHONY: uninstall
uninstall: ## Remove from DESTDIR what install put there; settings and state stay
	DESTDIR="$(DESTDIR)" systemd/install.sh uninstall

.PHONY: ami
ami: setup-node ## Bake an image, ENGINE_FROM=… ENGINE_SHA256=… BASE=al2023 or debian12 ARCH=x86_64 or arm64
	ARCHITECTURE=$(ARCH) packer/stage.sh $(IMAGE_DIR)/contents
	packer init packer
	packer build -var contents=$(IMAGE_DIR)/contents -var output=$(IMAGE_DIR) \
	  -var system_base=$(BASE) -var architecture=$(ARCH) -var commit=$$(git rev-parse HEAD) \
	  -var gateway_version=$$(node -p 'require("./package.json").version') $(PACKER_ARGS) packer
	node packer/stack-command.mjs $(IMAGE_DIR)

.PHONY: ami-validate
ami-validate: ## Check the template of the image with the Packer that is here
	packer/validate-template.sh

.PHONY: clean
clean: ## Remove what build, run and tests left in this checkout
	rm -rf dist coverage .run packer/node/node_modules
