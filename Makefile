# One build for three Lua ABIs: 5.1 (also LuaJIT and its hosts), 5.3 and 5.4.
# `make help` lists the targets; docs/design/building.md says why things are as they are.

CC      ?= cc
CFLAGS  ?= -O2 -g
LDFLAGS ?=
B       ?= build
ABIS    ?= 5.1 5.3 5.4
WERROR  ?= -Werror

# LUA= is taken from the command line only: other tools use the same name in the environment.
ifneq ($(origin LUA),command line)
LUA := 5.4
LUA_GIVEN :=
else
LUA_GIVEN := $(LUA)
endif
ifeq ($(filter $(LUA),5.1 5.3 5.4 luajit),)
$(error LUA=$(LUA) is not known: use LUA=5.1, 5.3, 5.4 or luajit)
endif
ABI    := $(if $(filter luajit,$(LUA)),5.1,$(LUA))
INTERP := $(if $(filter luajit,$(LUA)),luajit,lua$(LUA))

# A tenant's credentials never reach a test, an example or the demo; only demo-live and repl keep them.
ifeq ($(filter demo-live repl,$(MAKECMDGOALS)),)
$(foreach v,$(filter ONELOGIN_%,$(.VARIABLES)),$(eval unexport $(v)))
endif

# ---- sources: the final list; a file that does not exist yet is left out ----
# "C" files see neither Lua's headers nor one another's libraries: they are compiled once, without
# Lua's include path, so the layering is checked by the compiler.  "L" files are compiled per ABI.
core_C   := buf fork when facts url token retry pace page call jsonmark
core_L   := json jsonbox jsonwrite headers reason granted response lclient loperation lrequest lcall lpager core
curl_C   := buf fork engine request transfer
curl_L   := lcurl lmessage
crypto_C :=
crypto_L := crypto sign seal
qrencode_C := buf
qrencode_L := qrencode

# QR codes are built where libqrencode is, unless QRENCODE=no says otherwise.
QRENCODE ?= $(shell pkg-config --exists libqrencode 2>/dev/null && echo yes || echo no)
ALL_MODULES := core curl crypto qrencode
MODULES  := core curl crypto $(if $(filter yes,$(QRENCODE)),qrencode)

have = $(foreach s,$(1),$(if $(wildcard src/$(s).c),$(s)))
$(foreach m,$(MODULES),$(eval $(m)_C := $(call have,$($(m)_C)))$(eval $(m)_L := $(call have,$($(m)_L))))
# A module exists when its Lua side does.
BUILT := $(foreach m,$(MODULES),$(if $(if $(filter core,$(m)),$(filter core,$(core_L)),$($(m)_L)),$(m)))

UNLISTED := $(filter-out $(foreach m,$(ALL_MODULES),$($(m)_C) $($(m)_L)),$(patsubst src/%.c,%,$(wildcard src/*.c)))
$(if $(UNLISTED),$(warning in no module, name them in the Makefile and the rockspec: $(UNLISTED)))

ALL_C := $(sort $(foreach m,$(MODULES),$($(m)_C)))
ALL_L := $(sort $(foreach m,$(MODULES),$($(m)_L)))

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
OL_CFLAGS = -std=c11 -fPIC -fvisibility=hidden $(WARN) -Isrc $(SAN)
OL_LDFLAGS = -shared -Wl,--as-needed $(SAN)

# Lazy on purpose (`=`): pkg-config may be what setup is about to install.
lua_cflags = $(if $(LUA_INCDIR),-I$(LUA_INCDIR),$(shell pkg-config --cflags lua$(1)))
lib_cflags = $(if $(filter $(1),$(curl_C) $(curl_L)),$(shell pkg-config --cflags libcurl 2>/dev/null)) \
    $(if $(filter $(1),$(crypto_L)),$(shell pkg-config --cflags libcrypto 2>/dev/null)) \
    $(if $(filter $(1),$(qrencode_L)),$(shell pkg-config --cflags libqrencode 2>/dev/null))
libs_curl   = -Wl,-z,nodelete $(shell pkg-config --libs libcurl 2>/dev/null || echo -lcurl)
libs_crypto = $(shell pkg-config --libs libcrypto 2>/dev/null || echo -lcrypto)
libs_qrencode = $(shell pkg-config --libs libqrencode 2>/dev/null || echo -lqrencode)

.DEFAULT_GOAL := default
all: $(foreach a,$(ABIS),abi-$(a))

$(foreach a,$(ABIS),$(eval abi-$(a): $(ALL_C:%=$(B)/c/%.o) $(ALL_L:%=$(B)/$(a)/obj/%.o) \
    $(foreach m,$(BUILT),$(B)/$(a)/onelogin/$(m).so)))

.PHONY: all $(foreach a,$(ABIS),abi-$(a))

# ---- compile ----
OBJ_C := $(ALL_C:%=$(B)/c/%.o)
OBJ_L := $(foreach a,$(ABIS),$(ALL_L:%=$(B)/$(a)/obj/%.o))

$(OBJ_C): $(B)/c/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(OL_CFLAGS) $(call lib_cflags,$*) $(CFLAGS) -MMD -MP -c -o $@ $<

define abi_rules
$(ALL_L:%=$(B)/$(1)/obj/%.o): $(B)/$(1)/obj/%.o: src/%.c Makefile
	@mkdir -p $$(@D)
	$$(CC) $$(OL_CFLAGS) $$(call lua_cflags,$(1)) $$(call lib_cflags,$$*) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
$(foreach m,$(BUILT),$(call module_rule,$(1),$(m)))
endef

# Only luaopen_* may be visible, and nothing of ours may be left undefined: both are found here, not
# when a user loads the module.
define module_rule

$(B)/$(1)/onelogin/$(2).so: $($(2)_C:%=$(B)/c/%.o) $($(2)_L:%=$(B)/$(1)/obj/%.o)
	@mkdir -p $$(@D)
	$$(CC) $$(OL_LDFLAGS) $$(LDFLAGS) -o $$@.part $$^ $$(libs_$(2))
	@fail() { echo "$$@: $$$$1" >&2; rm -f $$@.part; exit 1; }; \
	$$(if $$(SAN),,! nm -D --defined-only $$@.part | grep -v ' luaopen_onelogin_$(2)$$$$' || fail "exports more than its opener";) \
	! nm -u $$@.part | grep ' U ol_' || fail "undefined, see above"; \
	mv -f $$@.part $$@
endef

$(foreach a,$(ABIS),$(eval $(call abi_rules,$(a))))

-include $(OBJ_C:.o=.d) $(OBJ_L:.o=.d)

# ---- what the suite needs beside the modules ----
# The C specs drive the decisions by hand; the archive gives each one what it asks for and no more.
DECISIONS := $(patsubst spec/decisions/%.c,$(B)/test/decisions/%,$(wildcard spec/decisions/*.c))

$(B)/libdecisions.a: $(core_C:%=$(B)/c/%.o)
	@rm -f $@
	ar rcs $@ $^

$(DECISIONS): $(B)/test/decisions/%: spec/decisions/%.c $(B)/libdecisions.a Makefile
	@mkdir -p $(@D) $(B)/test/obj
	$(CC) $(OL_CFLAGS) $(CFLAGS) -MMD -MP -MF $(B)/test/obj/$*.d $(LDFLAGS) -o $@ $< $(B)/libdecisions.a -lm

-include $(DECISIONS:$(B)/test/decisions/%=$(B)/test/obj/%.d)

# The core built once more, with an allocator that can be told to fail, in a Lua of its own.
OOM := $(B)/test/decisions/oom-5.4 $(B)/test/decisions/oom-5.1
$(OOM): $(B)/test/decisions/oom-%: spec/memory/oom.c spec/memory/oom.h $(wildcard src/*.c src/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc $(SAN) $(CFLAGS) $(call lua_cflags,$*) -include spec/memory/oom.h \
	    -o $@ $(patsubst %,src/%.c,$(core_C) $(core_L)) $< -lm $(shell pkg-config --libs lua$*)

$(B)/test/loopback.so: spec/support/loopback.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -fPIC -shared -Wall -Wextra $(WERROR) -o $@ $< -ldl

suite: all $(DECISIONS) $(OOM) $(B)/test/loopback.so

# Fuzzed with the decisions and the JSON mapping, in a Lua 5.4 of its own.
FUZZ := $(patsubst spec/fuzz/%.c,$(B)/fuzz/%,$(wildcard spec/fuzz/*_fuzz.c))
FUZZ_SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(FUZZ): $(B)/fuzz/%: spec/fuzz/%.c $(wildcard src/*.c src/*.h) Makefile
	@mkdir -p $(@D)
	clang -std=c11 -O1 -g $(WARN) -Isrc -fsanitize=fuzzer $(FUZZ_SAN) $(shell pkg-config --cflags lua5.4) \
	    -o $@ $< $(patsubst %,src/%.c,$(core_C) json jsonbox jsonwrite headers reason granted response) $(shell pkg-config --libs lua5.4) -lm

fuzz: $(FUZZ)

.PHONY: suite fuzz

# ---- use ----
# Sub-makes, because what a rule is made of may only exist once its setup has run.
SUB := $(MAKE) --no-print-directory
FAST := $(SUB) -j$(shell nproc 2>/dev/null || echo 2)
setup = @CC='$(CC)' SETUP='$(SETUP)' spec/setup
NONE_PASSED = { echo "0 passed, 1 failed"; exit 1; }

help:
	@echo "make            build the modules for Lua 5.1 (and LuaJIT), 5.3 and 5.4 into build/"
	@echo "make demo       the library at work on its sandbox, in a few seconds, offline"
	@echo "make demo-live  the read-only half of it on a real tenant (ONELOGIN_*), after asking"
	@echo "make sandbox    serve the emulated API on 127.0.0.1 for other tools"
	@echo "make login-page a sign-in page in nginx, on the sandbox: for a browser on this machine"
	@echo "make repl       a Lua prompt with a client: on the tenant of ONELOGIN_* (read-only), else on a sandbox"
	@echo "make test       the suite on four interpreters; SPEC=file and LUA=5.1 narrow it"
	@echo "make check      the suite under valgrind, sanitizers and a harsh collector; linters"
	@echo "make bench      ratios against a bare libcurl program"
	@echo "make env        shell lines that let a Lua find this tree: eval \"\$$(make -s env LUA=5.4)\""
	@echo "make install    PREFIX=/usr/local DESTDIR= LUA=5.4; uninstall takes it away again"
	@echo "make docs       write the reference, stubs and completions from the table; check all links"
	@echo "make clean      remove build/"
	@echo "QRENCODE=no leaves QR codes out where libqrencode is installed."
	@echo "LUA= is 5.4 (default), 5.3, 5.1 or luajit.  SETUP=no installs nothing and says what is missing."

env:
	@echo "unset LUA_PATH_5_3 LUA_PATH_5_4 LUA_CPATH_5_3 LUA_CPATH_5_4;"
	@echo "export LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;';"
	@echo "export LUA_CPATH='$(CURDIR)/$(B)/$(ABI)/?.so;;';"

default:
	$(setup) build
	@$(FAST) all

demo:
	$(setup) demo
	@$(FAST) -s ABIS=5.4 all
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(B)/5.4/?.so;;' LUA_INIT= lua5.4 examples/demo.lua

demo-live:
	$(setup) demo
	@$(FAST) -s ABIS=5.4 all
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(B)/5.4/?.so;;' LUA_INIT= lua5.4 examples/demo.lua --live

# The sandbox over HTTP stands on luasocket and luasec, which only the suite's packages bring.
sandbox:
	$(setup) test
	@$(FAST) -s all
	@eval "$$($(SUB) -s env LUA=$(LUA))"; exec $(INTERP) lua/onelogin/sandbox/main.lua $(ARGS)

login-page:
	$(setup) test
	@$(FAST) -s all
	@LUA=$(INTERP) OL_BUILD='$(B)' exec examples/login-page/try $(ARGS)

repl:
	$(setup) test
	@$(FAST) -s all
	@eval "$$($(SUB) -s env LUA=$(LUA))"; exec $(INTERP) lua/onelogin/cli/onelogin.lua repl $(ARGS)

test:
	$(setup) test
	@$(FAST) -s suite || $(NONE_PASSED)
	@CC='$(CC)' B='$(B)' SPEC='$(SPEC)' LUAS='$(if $(LUA_GIVEN),$(INTERP))' spec/run plain

check:
	$(setup) check
	@CC='$(CC)' B='$(B)' MAKE='$(SUB)' spec/check $(ONLY)

bench:
	$(setup) bench
	@$(FAST) -s all
	@CC='$(CC)' B='$(B)' spec/bench/run

docs:
	$(setup) test
	@$(FAST) -s ABIS=5.4 all
	@LUA_CPATH='$(B)/5.4/?.so;;' lua5.4 spec/generate/main.lua
	@lua5.4 spec/links.lua

# Below the distribution's own prefix its folders are used; every other prefix has the plain ones,
# which are on Lua's default path for /usr/local.
PREFIX ?= /usr/local
pc = $(shell pkg-config --variable=$(1) lua$(ABI))
lmod = $(DESTDIR)$(if $(filter $(call pc,prefix),$(PREFIX)),$(call pc,INSTALL_LMOD),$(PREFIX)/share/lua/$(ABI))
cmod = $(DESTDIR)$(if $(filter $(call pc,prefix),$(PREFIX)),$(call pc,INSTALL_CMOD),$(PREFIX)/lib/lua/$(ABI))
LUA_FILES = $(patsubst lua/%,%,$(shell find lua -name '*.lua' | sort))

define put_files
@set -e; lmod='$(1)'; cmod='$(2)'; \
for f in $(LUA_FILES); do install -D -m 644 "lua/$$f" "$$lmod/$$f"; done; \
for m in $(BUILT); do install -D -m 644 "$(B)/$(ABI)/onelogin/$$m.so" "$$cmod/onelogin/$$m.so"; done; \
echo "installed for Lua $(ABI): $$lmod/onelogin, $$cmod/onelogin"
endef

# The program is one more file of the library, under its own name and with the interpreter it was installed for.
program = $(DESTDIR)$(PREFIX)/bin/onelogin

install:
	$(setup) build
	@$(FAST) ABIS=$(ABI) all
	$(call put_files,$(lmod),$(cmod))
	@install -d '$(dir $(program))'
	@sed '1s,^#!.*,#!/usr/bin/env $(INTERP),' lua/onelogin/cli/onelogin.lua >'$(program)' && chmod 755 '$(program)'
	@echo "installed the program: $(program)"

uninstall:
	@set -e; lmod='$(lmod)'; cmod='$(cmod)'; \
	for f in $(LUA_FILES); do rm -f "$$lmod/$$f"; done; \
	for m in $(BUILT); do rm -f "$$cmod/onelogin/$$m.so"; done; \
	! head -n 1 '$(program)' 2>/dev/null | grep -qx '#!/usr/bin/env $(INTERP)' || rm -f '$(program)'; \
	find "$$lmod/onelogin" "$$cmod/onelogin" -depth -type d -empty -delete 2>/dev/null || true

# For LuaRocks, which says where the headers are and where the files go; it needs neither setup nor
# a pkg-config file for Lua.  Which Lua that is, is asked of the header.
ROCK = B=build/rock ABIS=$(ROCK_ABI) LUA=$(ROCK_ABI) LUA_INCDIR='$(LUA_INCDIR)' WERROR=
ROCK_ABI = $(shell printf '\043include <lua.h>\nLUA_VERSION_NUM\n' | $(CC) -E -P -I'$(LUA_INCDIR)' - | \
    sed -n '$$s/^50\([134]\)$$/5.\1/p')

rock:
	@[ -n '$(ROCK_ABI)' ] || { echo "no lua.h of Lua 5.1, 5.3 or 5.4 in $(LUA_INCDIR)"; exit 1; }
	@$(SUB) $(ROCK) all

rock-install:
	@$(SUB) $(ROCK) LUADIR='$(LUADIR)' LIBDIR='$(LIBDIR)' put

put:
	$(call put_files,$(LUADIR),$(LIBDIR))

clean:
	rm -rf build

.PHONY: help env default demo demo-live sandbox login-page repl test check bench docs install uninstall rock rock-install put clean
