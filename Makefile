# Everything a newcomer or a developer does, from a fresh checkout. Needed by hand: Python 3.10 or newer with venv, a
# C++17 compiler, git and make. The rest is brought into .venv.
#
#   make demo       a small glass sheared through its first events       make docs      check what the documentation says
#   make test       the test suite (without the slow ones)               make sdist     source distribution in dist/
#   make bench      timings (bench-long: those that take an hour)        make wheel     wheel from that sdist in dist/
#   make lint       every static check, with -Werror                     make stubs     python/glassplast/_engine.pyi anew
#   make format     format the sources                                   make sanitize  engine tests under ASan and UBSan
#   make build      only build and install into .venv                    make clean     remove what was made
#   make help       this text                                            make sanitize-threads  threaded tests under TSan
#
# PYTHON=python3.12 chooses the interpreter, JOBS=4 how many compilations or test processes run at once,
# TESTS="tests/test_x.py -k y" what make test and make sanitize run (with --numprocesses 0 in it, --pdb works).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

PYTHON ?= python3
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
TESTS ?=
# Warnings are errors for us, not for those whose compiler is newer than what we know.
WERROR ?= $(if $(CI),ON,OFF)

MODE := $(if $(filter ON,$(WERROR)),strict,plain)
VENV := .venv
BIN := $(VENV)/bin
ENGINE := build/$(MODE)
INSTALLED := $(VENV)/.installed-$(MODE)
export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

CPP_SOURCES := $(shell find cpp -name '*.cpp' -o -name '*.hpp')
PYTHON_SOURCES := $(shell find python -type f -not -path '*/__pycache__/*' -not -name '*.so')
PACKAGE := pyproject.toml CMakeLists.txt README.md LICENSE THIRD_PARTY.md $(wildcard cmake/*) $(CPP_SOURCES) $(PYTHON_SOURCES)
PYTHON_CHECKED := python tests bench studies fuzz examples docs cmake

.PHONY: help build demo test bench bench-long lint check-python check-types check-stubs check-format check-tidy format \
  stubs sanitize sanitize-threads docs sdist wheel clean

help:
	@sed -n '/^$$/q; s/^# \{0,1\}//p' Makefile

# --- the private environment ------------------------------------------------------------------------------------------

# The build's own tools live in the environment too (no build isolation), so that a rebuild is incremental.
$(VENV)/.tools: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  echo "make: Python 3.10 or newer is needed; choose one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: this Python cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@command -v $${CXX:-c++} >/dev/null || { \
	  echo "make: no C++ compiler; on Debian and Ubuntu: apt install g++" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=23" "scikit-build-core>=0.11" "pybind11>=3" "cmake>=3.21" ninja
	@touch $@

# One stamp for each extra: `all` for users, `test`, `bench`, `dev`.
$(INSTALLED)-%: $(VENV)/.tools $(PACKAGE)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pip install --quiet --no-build-isolation \
	  -Cbuild-dir=$(ENGINE) -Ccmake.define.GLASSPLAST_WERROR=$(WERROR) ".[$*]"
	@touch $@

build: $(INSTALLED)-all

# --- what people run --------------------------------------------------------------------------------------------------

demo: $(INSTALLED)-all
	$(BIN)/glassplast demo

# Each process starts with a contiguous part of the tests, so that the fixtures of a module are mostly made once.
test: $(INSTALLED)-test
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal --durations 15 --durations-min 1 $(TESTS)

bench: $(INSTALLED)-bench
	$(BIN)/python -m bench

# What takes many minutes a row.
bench-long: $(INSTALLED)-bench
	$(BIN)/python -m bench --long

# --- checks -----------------------------------------------------------------------------------------------------------

ifeq ($(MODE),strict)
# Every check runs, also after one that failed.
lint: $(INSTALLED)-dev
	@$(MAKE) --keep-going check-python check-types check-stubs check-format check-tidy
else
lint:
	@$(MAKE) WERROR=ON lint
endif

check-python: $(INSTALLED)-dev
	$(BIN)/ruff check $(wildcard $(PYTHON_CHECKED))
	$(BIN)/ruff format --check $(wildcard $(PYTHON_CHECKED))

check-types: $(INSTALLED)-dev
	$(BIN)/mypy

check-format: $(INSTALLED)-dev
	$(BIN)/clang-format --dry-run --Werror $(CPP_SOURCES)

check-tidy: $(INSTALLED)-dev
	printf '%s\n' $(filter %.cpp,$(CPP_SOURCES)) \
	  | xargs -P $(JOBS) -n 1 $(BIN)/clang-tidy --quiet -p $(ENGINE)

format: $(INSTALLED)-dev
	$(BIN)/ruff check --fix-only --select I $(wildcard $(PYTHON_CHECKED))
	$(BIN)/ruff format $(wildcard $(PYTHON_CHECKED))
	$(BIN)/clang-format -i $(CPP_SOURCES)

# Generated from the docstrings and signatures of the built module; committed, so that editors and mypy know the engine.
GENERATE_STUBS = rm -rf build/stubs && $(BIN)/pybind11-stubgen glassplast._engine --output-dir build/stubs --exit-code \
	  && $(BIN)/ruff format --quiet --no-cache --config 'extend-exclude = []' build/stubs/glassplast/_engine.pyi

stubs: $(INSTALLED)-dev
	$(GENERATE_STUBS)
	cp build/stubs/glassplast/_engine.pyi python/glassplast/_engine.pyi

check-stubs: $(INSTALLED)-dev
	$(GENERATE_STUBS)
	@diff -u python/glassplast/_engine.pyi build/stubs/glassplast/_engine.pyi || { \
	  echo "make: python/glassplast/_engine.pyi is not current; run make stubs" >&2; exit 1; }

docs: $(INSTALLED)-all
	$(BIN)/python docs/check.py

# The engine's own tests: those named after a storey of it.
STOREYS := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard cpp/src/*/*.cpp)))))
SANITIZED := $(if $(TESTS),$(TESTS),$(sort $(foreach storey,$(STOREYS),$(wildcard tests/test_$(storey)*.py))))
SANITIZE_CXX ?= g++

# The engine with sanitizers $(1), in build/$(2), and the package around it.
define SANITIZED_BUILD
PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/cmake -S . -B build/$(2) -G Ninja \
	  -DCMAKE_CXX_COMPILER=$(SANITIZE_CXX) -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1 \
	  -DGLASSPLAST_SANITIZE=$(1) -DGLASSPLAST_WERROR=$(WERROR) \
	  -DPython_EXECUTABLE="$(CURDIR)/$(BIN)/python" -Dpybind11_DIR="$$($(BIN)/pybind11-config --cmakedir)"
	$(BIN)/cmake --build build/$(2) --target _engine --parallel $(JOBS)
	rm -rf build/$(2)/python && mkdir -p build/$(2)/python
	cp -r python/glassplast build/$(2)/python/
	cp build/$(2)/_engine*.so build/$(2)/python/glassplast/
endef

# Leaks are not looked for: the interpreter never frees everything.
sanitize: $(INSTALLED)-test
	@test -n "$(SANITIZED)" || { echo "make: no test is named after a storey of the engine" >&2; exit 1; }
	$(call SANITIZED_BUILD,address,sanitize)
	LD_PRELOAD="$$($(SANITIZE_CXX) -print-file-name=libasan.so) $$($(SANITIZE_CXX) -print-file-name=libstdc++.so)" \
	  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 PYTHONMALLOC=malloc \
	  PYTHONPATH=build/sanitize/python GLASSPLAST_NUM_THREADS=2 \
	  $(BIN)/python -m pytest -p no:cacheprovider --numprocesses $(JOBS) $(SANITIZED)

# The tests that compare numbers of threads. Memory must lie where this sanitizer expects it, and a race ends the process
# that has it; other libraries are not instrumented, so that nothing is known of races in them.
sanitize-threads: $(INSTALLED)-test
	$(call SANITIZED_BUILD,thread,sanitize-threads)
	LD_PRELOAD="$$($(SANITIZE_CXX) -print-file-name=libtsan.so) $$($(SANITIZE_CXX) -print-file-name=libstdc++.so)" \
	  TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
	  PYTHONPATH=build/sanitize-threads/python GLASSPLAST_NUM_THREADS=2 \
	  setarch --addr-no-randomize $(BIN)/python -m pytest -p no:cacheprovider --numprocesses 0 \
	  $(if $(TESTS),$(TESTS),tests -k thread)

# --- distributions ----------------------------------------------------------------------------------------------------

sdist: $(VENV)/.tools
	$(BIN)/pip install --quiet build
	rm -rf dist/*.tar.gz
	$(BIN)/python -m build --sdist

wheel: sdist
	rm -rf dist/*.whl
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist dist/*.tar.gz

clean:
	rm -rf build dist third_party $(VENV) .pytest_cache .mypy_cache .ruff_cache
