#!/usr/bin/env bash
# Prints the commit of this source folder, "with changes" where what is built differs from it; and
# nothing where the folder is not a repository itself: the one around it says nothing about it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
top=$(git -C "$root" rev-parse --show-toplevel 2>/dev/null || true)
[ "$top" = "$root" ] || exit 0
commit=$(git -C "$root" rev-parse --short HEAD)
changes=$(git -C "$root" status --porcelain -- pom.xml java cuda native bench/pom.xml bench/src bench/peers bench/nd4j)
echo "$commit${changes:+ with changes}"
