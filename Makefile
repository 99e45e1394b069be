# make            builds build/release/annals; says what is missing, installs nothing
# make demo       installs what is missing, builds, loads the articles' facts, opens the shell
# make test       installs what is missing, builds everything, runs all tests
# The rest: see docs/contributing.md.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := annals
.PHONY: annals demo test asan-test tsan-test clang format check-format bench soak kill-soak fuzz clean compile_commands

# More for CMake and CTest, as in: make test CMAKE_FLAGS=-DANNALS_WERROR=ON CTEST_FLAGS='-R base'
CMAKE_FLAGS ?=
CTEST_FLAGS ?=
# For bench/peers.py, as in: make bench BENCH_FLAGS='--write docs/benchmarks.md'
BENCH_FLAGS ?=
CLANG_FORMAT ?= clang-format-14
JOBS ?= $(shell nproc)

CTEST = ctest --output-on-failure --timeout 900 -j $(JOBS) $(CTEST_FLAGS)
SOURCES = git ls-files --cached --others --exclude-standard '*.h' '*.cc' '*.cpp'

annals:
	@scripts/setup.sh --check build
	@$(MAKE) --no-print-directory build/release/build.ninja
	cmake --build --preset release -j $(JOBS) --target annals_shell

# What was configured for tests stays so: only the first time is without.
build/release/build.ninja:
	cmake --preset release -DANNALS_TESTS=OFF $(CMAKE_FLAGS)
	@$(MAKE) --no-print-directory compile_commands

compile_commands:
	@ln -sfn build/release/compile_commands.json compile_commands.json

demo:
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory annals
	@scripts/demo.sh

test:
	@scripts/setup.sh build test
	cmake --preset release -DANNALS_TESTS=ON $(CMAKE_FLAGS)
	@$(MAKE) --no-print-directory compile_commands
	cmake --build --preset release -j $(JOBS)
	$(CTEST) --test-dir build/release

# Debian's RocksDB carries no TSan instrumentation, so what happens inside it is not judged. Cases that
# can't run under sanitizers are named at the end.
asan-test tsan-test: %-test:
	@scripts/setup.sh build test
	cmake --preset $* -DANNALS_TESTS=ON $(CMAKE_FLAGS)
	cmake --build --preset $* -j $(JOBS)
	UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=ignore_noninstrumented_modules=1 \
	  $(CTEST) --test-dir build/$*
	@grep -h '^SKIP: ' build/$*/Testing/Temporary/LastTest.log || true

clang:
	@scripts/setup.sh build clang
	cmake --preset clang $(CMAKE_FLAGS)
	cmake --build --preset clang -j $(JOBS)

format:
	$(SOURCES) | xargs -r $(CLANG_FORMAT) -i

check-format:
	@scripts/setup.sh format
	$(SOURCES) | xargs -r $(CLANG_FORMAT) --dry-run -Werror

bench:
	@scripts/setup.sh build bench
	@$(MAKE) --no-print-directory build/release/build.ninja
	cmake --preset release -DANNALS_BENCH=ON $(CMAKE_FLAGS)
	cmake --build --preset release -j $(JOBS) --target annals_shell annals_ask annals_bench
	bench/run.sh $(BENCH_FLAGS)

# A million random questions, and as many rounds of the other random tests. Hours.
soak:
	@scripts/setup.sh build test
	cmake --preset release -DANNALS_TESTS=ON $(CMAKE_FLAGS)
	cmake --build --preset release -j $(JOBS)
	ANNALS_TEST_EFFORT=3334 ctest --test-dir build/release --timeout 86400 -j $(JOBS) \
	  -V -R '^(oracle_test|metamorphic_test|rules_test)$$' $(CTEST_FLAGS)

# A thousand loads that are killed, and 300 that are interrupted.
kill-soak:
	@scripts/setup.sh build test
	cmake --preset release -DANNALS_TESTS=ON $(CMAKE_FLAGS)
	cmake --build --preset release -j $(JOBS) --target annals_shell
	ANNALS_TEST_EFFORT=2500 ctest --test-dir build/release --timeout 86400 -V \
	  -R '^reliability_kill_load$$' $(CTEST_FLAGS)

# Each fuzzer for FUZZ_SECONDS or, if it is set, FUZZ_RUNS executions, under AddressSanitizer and
# UBSan, JOBS at once.
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?=
FUZZ_TARGETS ?=
fuzz:
	@scripts/setup.sh build clang fuzz
	cmake --preset fuzz $(CMAKE_FLAGS)
	cmake --build --preset fuzz -j $(JOBS) --target fuzzers
	FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RUNS=$(FUZZ_RUNS) JOBS=$(JOBS) \
	  tests/fuzz/run.sh build/fuzz $(FUZZ_TARGETS)

clean:
	rm -rf build compile_commands.json
