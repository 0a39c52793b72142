#!/usr/bin/env bash
# Builds everything without running tests; arguments go to Maven, such as -Dtacet.native=off.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec mvn -q -DskipTests "$@" package
