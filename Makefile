# KeyPortal: `make run` serves the portal, `make test` proves it, `make help` lists the rest.
#
# Every finished step leaves a file that make compares with its sources, so that a second start repeats nothing.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 8000
KEYPORTAL_URL ?= http://$(HOST):$(PORT)
KEYPORTAL_BUILD_DIR ?= $(CURDIR)/build
export HOST PORT KEYPORTAL_URL KEYPORTAL_BUILD_DIR
# Where it is set, every process would compile all of Django anew, and start three times as slowly.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALL := $(VENV)/bin/uv pip install --quiet --python $(PYTHON) --require-hashes --requirement
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
STATIC_SOURCES := $(shell find static productkeys/static keyportal/static 2>/dev/null)
STATIC_FILES := $(KEYPORTAL_BUILD_DIR)/static.stamp
MAKEMESSAGES := --locale de --add-location file --no-wrap --no-obsolete --ignore build --ignore tests --ignore var

.PHONY: help setup run ldap test check bench messages lock clean python chromium gettext ldap-headers slapd xmlsec1 wimtools

help: ## List what make can do
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

setup: $(VENV)/runtime.stamp $(CATALOGUES) $(STATIC_FILES) ## Build what serving needs: packages, translations, static files

run: setup ## Set up what is missing and serve on http://HOST:PORT
	@umask 077
	$(PYTHON) manage.py prepare
	exec $(PYTHON) -m gunicorn --config keyportal/gunicorn.py

ldap: $(VENV)/ldap.stamp ## Add what signing in through LDAP or Active Directory needs

test: $(VENV)/dev.stamp $(CATALOGUES) chromium slapd xmlsec1 wimtools ## Run every test, on SQLite and on PostgreSQL
	@unset KEYPORTAL_URL KEYPORTAL_BUILD_DIR
	sqlite=failed postgresql=failed
	KEYPORTAL_TEST_DATABASE=sqlite $(PYTHON) -m pytest --numprocesses 2 --dist worksteal && sqlite=passed
	KEYPORTAL_TEST_DATABASE=postgresql $(PYTHON) -m pytest --numprocesses 2 --dist worksteal && postgresql=passed
	echo "The tests on SQLite: $$sqlite. The tests on PostgreSQL: $$postgresql."
	[ $$sqlite = passed ] && [ $$postgresql = passed ]

check: $(VENV)/dev.stamp $(CATALOGUES) $(STATIC_FILES) gettext ## Check style, types, import directions, migrations, translations, deployment
	@export KEYPORTAL_DATA_DIR=$$(mktemp -d)
	trap 'rm -r "$$KEYPORTAL_DATA_DIR"' EXIT
	export KEYPORTAL_URL=https://keyportal.example KEYPORTAL_SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	git ls-files -z '*.html' '*.txt' | grep -z templates/ | xargs -0 $(VENV)/bin/djade --check
	$(VENV)/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	.ci/translations $(MAKEMESSAGES)
	$(PYTHON) manage.py check --deploy --fail-level WARNING
	echo "Everything is as it should be."

bench: $(VENV)/dev.stamp $(CATALOGUES) ## Measure the pages against the floor, on SQLite and on PostgreSQL
	@$(PYTHON) -m benchmarks

messages: $(VENV)/dev.stamp gettext ## Bring locale/*.po up to date with the sources
	@$(PYTHON) manage.py makemessages $(MAKEMESSAGES)

lock: $(VENV)/uv.stamp ## Write the hash locks anew from pyproject.toml
	@echo uv | $(COMPILE) --upgrade - --output-file requirements-uv.lock
	$(COMPILE) --upgrade pyproject.toml --output-file requirements.lock
	$(COMPILE) --upgrade pyproject.toml --extra ldap --constraint requirements.lock --output-file requirements-ldap.lock
	$(COMPILE) --upgrade pyproject.toml --extra ldap --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove what can be built again; the data directory stays
	@rm -rf $(VENV) $(KEYPORTAL_BUILD_DIR) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache $(CATALOGUES)

$(VENV)/uv.stamp: requirements-uv.lock | python
	@echo "Making the virtual environment ..."
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --require-hashes --requirement requirements-uv.lock
	touch $@

$(VENV)/runtime.stamp: requirements.lock $(VENV)/uv.stamp
	@echo "Installing what the portal needs ..."
	$(INSTALL) requirements.lock
	touch $@

$(VENV)/ldap.stamp: requirements-ldap.lock $(VENV)/uv.stamp | ldap-headers
	@echo "Installing what LDAP needs ..."
	$(INSTALL) requirements-ldap.lock
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/uv.stamp | ldap-headers
	@echo "Installing what tests and checks need ..."
	$(INSTALL) requirements-dev.lock
	touch $@

# Django's compilemessages calls GNU msgfmt, which a fresh machine does not have.
%.mo: %.po | $(VENV)/runtime.stamp
	@$(PYTHON) -c 'import polib, sys; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])' $< $@

$(STATIC_FILES): $(STATIC_SOURCES) $(VENV)/runtime.stamp keyportal/bootstrap_files.py
	@echo "Collecting the static files ..."
	mkdir -p $(@D)
	$(PYTHON) manage.py collectstatic --clear --noinput --verbosity 0
	touch $@

# What only the system can bring: named with the command that brings it.

python:
	@need="KeyPortal needs Python 3.11 or newer with venv. On Debian: sudo apt-get install python3 python3-venv"
	python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' || { echo "$$need" >&2; exit 1; }

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || .ci/install chromium "for the browser tests"

# python-ldap comes as source.
ldap-headers:
	@include=$$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')
	command -v gcc >/dev/null && [ -e /usr/include/ldap.h ] && [ -e /usr/include/sasl/sasl.h ] && [ -e "$$include/Python.h" ] \
	  || .ci/install "gcc python3-dev libc6-dev libldap2-dev libsasl2-dev" "to build python-ldap"

slapd:
	@[ -x /usr/sbin/slapd ] || .ci/install slapd "for the tests with a directory"

xmlsec1:
	@command -v xmlsec1 >/dev/null || .ci/install xmlsec1 "for the tests with a SAML identity provider"

wimtools:
	@command -v wimcapture >/dev/null || .ci/install wimtools "for the tests with Windows images"

gettext:
	@command -v xgettext >/dev/null || .ci/install gettext "for the translations"
