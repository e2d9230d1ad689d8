# make demo   a private directory, the bridge before it, and one Entra cycle as a story; stays up until Ctrl-C.
#             DIRECTORY=openldap (usual), 389ds or ad says which
# make test   everything that must pass before a change is taken
# make bench  what the bridge costs beside raw LDAP; ARGS=--substring adds substring indexes, ARGS=--groups is for memberships only
# They install what is missing (Debian packages, cargo-deny, Python packages below target/) and start no service of the
# machine.

CARGO ?= cargo
ARGS ?=
DIRECTORY ?= openldap
export CARGO_TERM_COLOR ?= auto

target := $(or $(CARGO_TARGET_DIR),target)
python := $(target)/conformance/bin/python

.PHONY: demo test bench build fmt fmt-check clippy doc unit conformance deny need need-build need-tools need-openldap need-389ds need-ad \
	need-active-directory

demo: need-$(DIRECTORY)
	$(CARGO) build --locked --quiet
	$(CARGO) run --locked --quiet -- demo --directory $(DIRECTORY) $(ARGS)

test: need fmt-check clippy doc unit conformance deny

bench: need-openldap
	$(CARGO) bench --locked --bench bridge -- $(ARGS)

build: need-build
	$(CARGO) build --locked

fmt:
	$(CARGO) fmt

fmt-check: need-tools
	$(CARGO) fmt -- --check

clippy: need-tools
	$(CARGO) clippy --locked --all-targets -- -D warnings

doc: need-build
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --quiet

unit: need
	$(CARGO) test --locked

# the suite runs the program that the tests have built
conformance: need $(target)/conformance/ready
	$(CARGO) test --locked --no-run --quiet
	$(python) tests/conformance/run $(target)/debug/scim-ldap-bridge

$(target)/conformance/ready: tests/conformance/requirements.txt
	@tools/need.sh python3:ensurepip=python3,python3-venv
	@rm -rf $(@D) && mkdir -p $(target) && python3 -m venv $(@D)
	$(python) -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

deny: need-tools
	$(CARGO) deny --locked check bans licenses sources

# what building needs: rustc links with cc, and aws-lc is C
need-build:
	@tools/need.sh cc=gcc,libc6-dev

# what the tests start
need: need-openldap need-389ds need-ad

need-openldap: need-build
	@tools/need.sh slapd=slapd ldapsearch=ldap-utils

need-389ds: need-openldap
	@tools/need.sh ns-slapd=389-ds-base certutil=libnss3-tools openssl=openssl

need-ad need-active-directory: need-openldap
	@tools/need.sh samba=samba,samba-ad-dc,winbind,libnss-winbind samba-tool=samba-common-bin,python3-setproctitle \
		/usr/share/samba/setup/provision.ldif=samba-ad-provision

# what judges the code
need-tools: need-build
	@$(CARGO) fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@$(CARGO) clippy --version >/dev/null 2>&1 || rustup component add clippy
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked --quiet cargo-deny --version 0.20.2
