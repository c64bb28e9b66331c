# Everything works from a bare checkout with Python 3.11 or later. Paths are relative: the checkout's may hold blanks.

PORT ?= 8000
DATA ?= var/demo
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
COMPILE := .venv/bin/uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --python-version 3.11 --quiet

.DEFAULT_GOAL := help
.PHONY: help install install-test demo clean-demo test browser check lock bench attack fuzz
.NOTPARALLEL:

help: ## say what there is
	@echo 'make install      make .venv and install the program in it'
	@echo 'make demo         run a demonstration on this machine  [PORT=8000] [REGISTRY=folder] [DATA=var/demo]'
	@echo 'make clean-demo   remove what the demonstration keeps  [DATA=var/demo]'
	@echo 'make test         run all the tests, browser included'
	@echo 'make check        lint, format, types, imports, migrations'
	@echo 'make lock         find newer versions of what we depend on, with their hashes'
	@echo 'make bench        measure'
	@echo 'make attack       play the best attacker there is, and kill what can die: hours'
	@echo 'make fuzz         a million executions of the parsers under atheris'

# The first Python that is recent enough and can make environments.
define MAKE_ENVIRONMENT
if [ -x $(PY) ] && $(PY) -c 'import pip' 2>/dev/null; then exit 0; fi; \
found=; lacking=; \
for candidate in "$(PYTHON)" python3.11 python3 python3.12 python3.13 python3.14; do \
	[ -n "$$candidate" ] && command -v "$$candidate" >/dev/null 2>&1 || continue; \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then found=$$candidate; break; fi; \
	lacking=$$candidate; \
done; \
if [ -z "$$found" ] && [ -n "$$lacking" ]; then \
	echo "$$lacking cannot make environments: its modules venv and ensurepip are missing." >&2; \
	echo "On Debian or Ubuntu: apt-get install python3-venv. Then try again." >&2; exit 1; \
fi; \
if [ -z "$$found" ]; then \
	echo "Python 3.11 or later is needed. Install it, or name it: make install PYTHON=/path/to/python3.11" >&2; exit 1; \
fi; \
echo "Making .venv with $$("$$found" --version)"; \
rm -rf .venv && "$$found" -m venv .venv
endef

# $(1): the lock; $(2): what is installed after it. Done again when the lock, the project or the checkout's place changed.
define INSTALL
key="$$(cat $(1) pyproject.toml | cksum) $$PWD"; stamp=".venv/installed-$$(basename $(1))"; \
if [ "$$(cat "$$stamp" 2>/dev/null)" = "$$key" ]; then exit 0; fi; \
echo "Installing $$(grep -c '==' $(1)) packages of $(1), checked by their hashes"; \
$(PIP) install --require-hashes -r $(1) || exit 1; \
$(2) \
printf '%s' "$$key" > "$$stamp"
endef

install: ## make .venv and install the program in it
	@$(MAKE_ENVIRONMENT)
	@$(call INSTALL,requirements/run.txt,$(PIP) install --quiet --no-deps --no-build-isolation -e . || exit 1;)

install-test: install
	@$(call INSTALL,requirements/test.txt,)

demo: install ## run a demonstration on this machine
	@exec $(PY) -m portefeuille.cli demo --port "$(PORT)" --data "$(DATA)" $(if $(REGISTRY),--registry "$(REGISTRY)") \
		$(if $(ACCOUNTS),--accounts "$(ACCOUNTS)")

clean-demo: install ## remove what the demonstration keeps
	@$(PY) -m portefeuille.cli clean-demo --data "$(DATA)"

browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null 2>&1 && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing chromium for the browser tests"; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium || { \
			apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; }; \
	else \
		echo "The browser tests need chromium. On Debian: apt-get install chromium (as root)." >&2; \
	fi

test: install-test browser ## run all the tests
	@$(PY) -m pytest -n 2 --dist loadgroup tests

check: export DJANGO_SETTINGS_MODULE := portefeuille.config.settings_for_checks
check: install-test ## lint, format, types, imports, migrations
	$(PY) -m ruff check src tests
	$(PY) -m ruff format --check --line-length 119 src tests
	$(PY) -m mypy
	$(PY) .venv/bin/lint-imports
	@# djade knows Django's templates: it reads those of ours that say nothing only Jinja2 says (white-space control).
	git ls-files 'src/*/templates/*.html' | grep -v /macros/ | xargs grep -LE -e '-%\}|\{%-|-\}\}|\{\{-' \
		| xargs .venv/bin/djade --target-version 5.2 --check
	@# It looks for a database to compare with, and warns that there is none: only the models matter here.
	$(PY) -W ignore::RuntimeWarning -m django makemigrations --check --dry-run

lock: install ## newer versions, with their hashes
	@[ -x .venv/bin/uv ] || $(PIP) install --quiet uv
	$(COMPILE) --upgrade --output-file requirements/run.txt
	$(COMPILE) --upgrade --extra test --extra parquet --constraints requirements/run.txt --output-file requirements/test.txt
	$(COMPILE) --upgrade --extra fuzz --constraints requirements/test.txt --output-file requirements/fuzz.txt

bench: install-test ## measure
	@$(PY) -m tests.bench

attack: install-test ## play the best attacker there is, and kill what can die
	@$(PY) -m tests.attack

fuzz: install-test ## a million executions of the parsers
	@$(call INSTALL,requirements/fuzz.txt,)
	@$(PY) -m tests.fuzz
