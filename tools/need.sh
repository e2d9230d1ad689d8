#!/bin/bash
# usage: need.sh PROGRAM[:MODULE]=PACKAGE[,PACKAGE...] ...   (MODULE: a module that a Python must be able to import;
# a PROGRAM that begins with a slash is any file)
# Installs the Debian packages of the programs that are missing. Never starts a service, and configures none: slapd
# comes without a database of its own, and it and Samba stay off. What is already installed is left alone.
set -euo pipefail

missing=()
for pair in "$@"; do
    program=${pair%%=*} packages=${pair#*=} module=
    case $program in *:*) module=${program#*:} program=${program%%:*} ;; esac
    case $program in /*) [ -e "$program" ] && continue ;; esac
    PATH=$PATH:/usr/sbin:/sbin type -P "$program" >/dev/null && { [ -z "$module" ] || "$program" -c "import $module" 2>/dev/null; } ||
        missing+=(${packages//,/ })
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    type -P sudo >/dev/null || {
        echo "missing: ${missing[*]}; hint: as root, apt-get install ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi
type -P apt-get >/dev/null || {
    echo "missing: ${missing[*]}, and there is no apt-get here; hint: install them another way" >&2
    exit 1
}

policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '"${as_root[@]}" rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
fi
# the services that are not here yet: what brings them is ours
services=()
for service in slapd samba-ad-dc smbd nmbd winbind; do
    [ -e /etc/init.d/$service ] || services+=($service)
done
if [[ " ${missing[*]} " == *" slapd "* ]] && type -P debconf-set-selections >/dev/null; then
    echo "slapd slapd/no_configuration boolean true" | "${as_root[@]}" debconf-set-selections
fi

echo "installing ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}")
"${install[@]}" >/dev/null 2>&1 || {
    "${as_root[@]}" apt-get update -qq
    "${install[@]}" >/dev/null
}

for service in "${services[@]}"; do
    # we brought it, so it must not come up at the next boot, nor now where another policy let it start
    [ -e /etc/init.d/$service ] || continue
    "${as_root[@]}" update-rc.d $service disable >/dev/null 2>&1 || true
    "${as_root[@]}" invoke-rc.d $service stop >/dev/null 2>&1 || true
done
